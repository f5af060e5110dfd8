package io.lodestone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The main job, shown on the real thing: a store under writes, an agent that backs it up, somebody
 * who deletes everything, and a restore to the revision before that, into a store of ours and,
 * where there is stock etcd, into a member's directory that etcd starts from. What it does to
 * backups it does by the commands it prints.
 */
final class Demo {
  private static final ByteString ALL = KeyRange.all().start();
  private static final Duration UNDER_WRITES = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long LOOK_EVERY_MILLIS = 100;

  private final PrintWriter say;
  private final Path folder;
  private final String repository;

  /** What is to be compared: the revision before the accident, and the keyspace at it. */
  private record Before(long revision, KeyspaceState state) {}

  private Demo(PrintWriter say, Path folder) {
    this.say = say;
    this.folder = folder;
    this.repository = "file:" + folder.resolve("backups");
  }

  /**
   * Runs in a temporary folder, which it removes. The report's fact {@code equal} tells whether
   * every hash agrees.
   */
  static Report run(PrintWriter say) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("lodestone-demo-");
    try {
      return new Demo(say, folder).run();
    } finally {
      DurableFiles.deleteTree(folder);
    }
  }

  private Report run() throws IOException, InterruptedException {
    Report report = new Report();
    Before before = accident(report);
    report.list("restored");
    boolean equal = intoAStore(before, report);
    Optional<EtcdRelease> stock = EtcdRelease.newest();
    if (stock.isPresent()) {
      equal &= intoEtcd(stock.get(), before, report);
    } else {
      say.println("\nThere is no stock etcd on this machine, so it ends here. With one installed,");
      say.println("the demo goes on to restore into a directory that etcd starts from.");
    }
    say.println();
    return report.fact("equal", equal);
  }

  /** Writes, backs up, and deletes everything. */
  private Before accident(Report report) throws IOException, InterruptedException {
    say.println("A store, writers on it, and an agent that backs it up");
    try (ServedStore store = ServedStore.start(folder.resolve("store"));
        ChildProcess agent =
            started("backup", "run", "--endpoints", store.endpoint(), "--repository", repository)) {
      try (Workload writers =
          Workload.start(1, 2, false, List.of(store.channel(), store.channel()))) {
        TimeUnit.MILLISECONDS.sleep(UNDER_WRITES.toMillis());
        say.println("  " + writers.writes() + " writes so far");
      }
      long deleted = deleteEverything(store.channel());
      KeyspaceState state = KeyspaceState.of(store.channel(), deleted - 1);
      say.printf(
          "%nThe accident: somebody deletes all %d keys, at revision %d%n", state.keys(), deleted);
      Duration captured = awaitCaptured(deleted, agent);
      say.printf("  the backup knows of it %.1f s later%n", captured.toMillis() / 1000.0);
      report
          .fact("keys", state.keys())
          .fact("deletedAtRevision", deleted)
          .fact("capturedAfterSeconds", captured.toMillis() / 1000.0);
      return new Before(deleted - 1, state);
    }
  }

  private static long deleteEverything(Channel store) {
    return KVGrpc.newBlockingStub(store)
        .deleteRange(DeleteRangeRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).build())
        .getHeader()
        .getRevision();
  }

  private Duration awaitCaptured(long revision, ChildProcess agent)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (capturedRevision() < revision) {
      if (!agent.isAlive() || System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new LodestoneException(
            "the agent does not capture revision " + revision + ":\n" + agent.output(),
            "the demo ends here; the message above is the agent's");
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** 0 where there is no backup yet. */
  private long capturedRevision() throws IOException {
    StringWriter out = new StringWriter();
    int code = run(out, new StringWriter(), "backup", "describe", "--repository", repository);
    return code == ExitCodes.DONE ? read(out).path("lastRevision").asLong() : 0;
  }

  private boolean intoAStore(Before before, Report report) throws IOException {
    say.println("\nBack to the revision before, into a store");
    Path target = folder.resolve("again");
    JsonNode restored = restore(before, "--store-dir", target.toString());
    try (ServedStore store = ServedStore.start(target)) {
      return compare("lodestone store", before, store.channel(), restored, report);
    }
  }

  private boolean intoEtcd(EtcdRelease release, Before before, Report report)
      throws IOException, InterruptedException {
    say.println("\nThe same into a data directory of stock etcd " + release.version());
    EtcdCluster.Plan plan = EtcdCluster.of(release, folder.resolve("etcd"));
    JsonNode restored =
        restore(
            before,
            "--data-dir",
            folder.resolve("etcd").toString(),
            "--initial-cluster",
            "m1=" + plan.peerUrls().get("m1"),
            "--initial-cluster-token",
            plan.token());
    try (EtcdCluster etcd = plan.start()) {
      return compare("etcd " + release.version(), before, etcd.channel(0), restored, report);
    }
  }

  private boolean compare(
      String target, Before before, Channel member, JsonNode restored, Report report) {
    KeyspaceState after = KeyspaceState.of(member, before.revision());
    boolean equal = after.equals(before.state());
    say.printf(
        "  %d keys again; HashKV was %s and is %s%n",
        after.keys(), before.state().hashText(), after.hashText());
    report.row(
        "restored",
        "into",
        target,
        "revision",
        before.revision(),
        "keys",
        after.keys(),
        "restoreSeconds",
        restored.path("seconds").asDouble(),
        "hashKvBefore",
        before.state().hashText(),
        "hashKvAfter",
        after.hashText(),
        "equal",
        equal);
    return equal;
  }

  private JsonNode restore(Before before, String... target) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("restore", "--repository", repository));
    arguments.addAll(List.of("--to-revision", Long.toString(before.revision())));
    arguments.addAll(Arrays.asList(target));
    show(arguments);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    if (run(out, err, arguments.toArray(String[]::new)) != ExitCodes.DONE) {
      throw new LodestoneException(
          err.toString(), "the demo ends here; the message above is the command's");
    }
    return read(out);
  }

  /** Runs a command in this process; its report comes as JSON. */
  private static int run(StringWriter out, StringWriter err, String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--output", "json"));
    return Lodestone.run(
        new Shutdown(), new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
  }

  private static JsonNode read(StringWriter json) throws IOException {
    return new ObjectMapper().readTree(json.toString());
  }

  /** Shows a command, and starts it in a process of its own. */
  private ChildProcess started(String... arguments) throws IOException {
    show(Arrays.asList(arguments));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx112m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Lodestone.class.getName()));
    command.addAll(Arrays.asList(arguments));
    return ChildProcess.start(command, Map.of(), folder.resolve("agent.log"));
  }

  private void show(List<String> arguments) {
    say.println("  $ lodestone " + String.join(" ", arguments));
  }
}
