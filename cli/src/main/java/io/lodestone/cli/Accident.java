package io.lodestone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The first act of {@link Demo}: a store of ours under writes, an agent that backs it up, somebody
 * who deletes everything, and a restore to the revision before that, into a store and, where there
 * is stock etcd, into a member's directory that etcd starts from.
 */
final class Accident {
  private static final ByteString ALL = KeyRange.all().start();
  private static final Duration UNDER_WRITES = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final DemoStage stage;
  private final Path folder;
  private final String repository;

  /** What is to be compared: the revision before the accident, and the keyspace at it. */
  private record Before(long revision, KeyspaceState state) {}

  Accident(DemoStage stage) throws IOException {
    this.stage = stage;
    this.folder = stage.folder("accident");
    this.repository = "file:" + folder.resolve("backups");
  }

  /** Whether every hash agrees; each restore is a row of the report. */
  boolean play(Optional<EtcdRelease> stock, Report report)
      throws IOException, InterruptedException {
    Before before = everythingIsDeleted(report);
    boolean equal = intoAStore(before, report);
    return stock.isEmpty() ? equal : intoEtcd(stock.get(), before, report) && equal;
  }

  /** Writes, backs up, and deletes everything. */
  private Before everythingIsDeleted(Report report) throws IOException, InterruptedException {
    stage.say("A store, writers on it, and an agent that backs it up");
    try (ServedStore store = ServedStore.start(folder.resolve("store"));
        ChildProcess agent =
            stage.start(
                Map.of(),
                List.of(
                    "backup",
                    "run",
                    "--endpoints",
                    store.endpoint(),
                    "--repository",
                    repository))) {
      try (Workload writers =
          Workload.start(1, 2, false, List.of(store.channel(), store.channel()))) {
        TimeUnit.MILLISECONDS.sleep(UNDER_WRITES.toMillis());
        stage.say("  " + writers.writes() + " writes so far");
      }
      long deleted = deleteEverything(store.channel());
      KeyspaceState state = KeyspaceState.of(store.channel(), deleted - 1);
      stage.say(
          "\nThe accident: somebody deletes all %d keys, at revision %d"
              .formatted(state.keys(), deleted));
      double captured = awaitCaptured(deleted, agent).toMillis() / 1000.0;
      stage.say("  the backup knows of it %.1f s later".formatted(captured));
      report
          .fact("keys", state.keys())
          .fact("deletedAtRevision", deleted)
          .fact("capturedAfterSeconds", captured);
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
    while (stage.captured(Map.of(), repository) < revision) {
      if (!agent.isAlive() || System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new LodestoneException(
            "the agent does not capture revision " + revision + ":\n" + agent.output(),
            "the demo ends here; the message above is the agent's");
      }
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private boolean intoAStore(Before before, Report report)
      throws IOException, InterruptedException {
    stage.say("\nBack to the revision before, into a store");
    Path target = folder.resolve("again");
    JsonNode restored =
        restore(
            before,
            List.of("restore", "--repository", repository, "--store-dir", target.toString()));
    try (ServedStore store = ServedStore.start(target)) {
      return compare("lodestone store", before, store.channel(), restored, report);
    }
  }

  private boolean intoEtcd(EtcdRelease release, Before before, Report report)
      throws IOException, InterruptedException {
    stage.say("\nThe same into a data directory of stock etcd " + release.version());
    Path target = folder.resolve("etcd");
    EtcdCluster.Plan plan = EtcdCluster.of(release, target);
    JsonNode restored = restore(before, DemoStage.restoreOf(repository, plan, target));
    try (EtcdCluster etcd = plan.start()) {
      return compare("etcd " + release.version(), before, etcd.channel(0), restored, report);
    }
  }

  private boolean compare(
      String target, Before before, Channel member, JsonNode restored, Report report) {
    KeyspaceState after = KeyspaceState.of(member, before.revision());
    boolean equal = after.equals(before.state());
    stage.say(
        "  %d keys again; HashKV was %s and is %s"
            .formatted(after.keys(), before.state().hashText(), after.hashText()));
    report.row(
        "accident",
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

  private JsonNode restore(Before before, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--to-revision", Long.toString(before.revision())));
    return stage.run(Map.of(), all);
  }
}
