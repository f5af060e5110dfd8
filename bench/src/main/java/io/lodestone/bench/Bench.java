package io.lodestone.bench;

import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Compares capture and restore with etcd's own tools, on a database of about 1 GiB and a tail of a
 * million events.
 *
 * <p>Arguments: the folder to work in (default {@code bench/target/work}), a divisor that makes
 * everything smaller (default 1), and which of {@code capture}, {@code restore} and {@code tail} to
 * measure (default all). Exit code 0 when every promise held.
 */
public final class Bench {
  private static final int ROUNDS = 5;
  private static final long MEMORY_PROMISE = 256L << 20;
  private static final String PEER_URL = "http://127.0.0.1:12380";
  private static final int REPLAYED = 20_000;
  private static final Duration AGENT_PATIENCE = Duration.ofMinutes(10);

  private final Path home;
  private final Path folder;
  private final int keys;
  private final int tailEvents;
  private final EtcdRelease release = EtcdRelease.of("3.5");
  private final PrintStream out;

  private Bench(Path home, Path folder, int divisor, PrintStream out) {
    this.home = home;
    this.folder = folder;
    this.keys = 1_000_000 / divisor;
    this.tailEvents = 1_000_000 / divisor;
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(System.getProperty("lodestone.home", ".")).toAbsolutePath().normalize();
    Path folder = arguments.length > 0 ? Path.of(arguments[0]) : home.resolve("bench/target/work");
    int divisor = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
    delete(folder);
    Files.createDirectories(folder);
    List<String> wanted =
        arguments.length > 2
            ? List.of(arguments).subList(2, arguments.length)
            : List.of("capture", "restore", "tail");
    boolean held = new Bench(home, folder.toAbsolutePath(), divisor, System.out).run(wanted);
    delete(folder);
    System.exit(held ? 0 : 1);
  }

  private boolean run(List<String> wanted)
      throws IOException, InterruptedException, ExecutionException {
    List<Comparison> comparisons = new ArrayList<>();
    EtcdCluster.Plan plan =
        EtcdCluster.of(release, folder.resolve("source"))
            .flags("--quota-backend-bytes=17179869184");
    try (EtcdCluster source = plan.start()) {
      new Load(source.channel(0)).fill(keys, 1024, 128);
      if (wanted.contains("capture")) {
        comparisons.add(capture(source));
      }
      if (wanted.contains("restore")) {
        comparisons.add(restore(source));
      }
    }
    if (wanted.contains("tail")) {
      comparisons.add(tail());
    }
    out.println(
        "| what | ours: median (range) | peer | peer/ours | our peak memory | promise held |");
    out.println("|---|---|---|---|---|---|");
    comparisons.forEach(comparison -> out.println(comparison.row()));
    return comparisons.stream().allMatch(Bench::held);
  }

  private static boolean held(Comparison comparison) {
    return comparison.holds()
        && comparison.ours().stream().allMatch(run -> run.peakBytes() <= MEMORY_PROMISE);
  }

  private Comparison capture(EtcdCluster source) throws IOException, InterruptedException {
    Path snapshot = folder.resolve("peer.db");
    String endpoint = source.member(0).endpoint();
    String save = release.etcdctl() + " --endpoints " + endpoint + " snapshot save " + snapshot;
    List<Run> ours = new ArrayList<>();
    List<Run> theirs = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      Path repository = folder.resolve("repository" + round);
      ours.add(
          Run.of(
              folder,
              lodestone(),
              "backup",
              "snapshot",
              "--endpoints",
              endpoint,
              "--repository",
              "file:" + repository));
      Files.deleteIfExists(snapshot);
      Files.deleteIfExists(folder.resolve("peer.db.gz"));
      theirs.add(Run.of(folder, "/bin/sh", "-c", save + " && gzip -1 " + snapshot));
    }
    return new Comparison(
        "capture of a base, " + keys + " keys of 1 KiB",
        "snapshot save + gzip -1",
        ours,
        theirs,
        1);
  }

  private Comparison restore(EtcdCluster source) throws IOException, InterruptedException {
    Path snapshot = folder.resolve("snapshot.db");
    source.etcdctl("snapshot", "save", snapshot.toString());
    List<Run> ours = new ArrayList<>();
    List<Run> theirs = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      ours.add(restored(lodestone(), "restore", "--from-snapshot-file", snapshot.toString()));
      theirs.add(
          restored(
              release.snapshotTool().toString(),
              "snapshot",
              "restore",
              snapshot.toString(),
              "--initial-advertise-peer-urls",
              PEER_URL));
    }
    return new Comparison(
        "restore of a snapshot file, " + size(snapshot), "snapshot restore", ours, theirs, 1);
  }

  /** Runs a restore, of ours or of the peer, into the data directory of a cluster's only member. */
  private Run restored(String... command) throws IOException, InterruptedException {
    Path target = folder.resolve("restored");
    List<String> whole = new ArrayList<>(List.of(command));
    whole.addAll(List.of("--name", "m1", "--initial-cluster", "m1=" + PEER_URL));
    whole.addAll(List.of("--data-dir", target.toString()));
    Run run = Run.of(folder, whole.toArray(String[]::new));
    delete(target);
    return run;
  }

  /**
   * A tail of single puts, captured by the agent; restored by us, and replayed as transactions into
   * an etcd (a sample, scaled up).
   */
  private Comparison tail() throws IOException, InterruptedException, ExecutionException {
    Path repository = folder.resolve("tail");
    EtcdCluster.Plan plan =
        EtcdCluster.of(release, folder.resolve("tail-source"))
            .flags("--quota-backend-bytes=17179869184");
    try (EtcdCluster small = plan.start()) {
      String endpoint = small.member(0).endpoint();
      Run.of(
          folder,
          lodestone(),
          "backup",
          "snapshot",
          "--endpoints",
          endpoint,
          "--repository",
          "file:" + repository);
      try (ChildProcess agent =
          ChildProcess.start(
              List.of(
                  lodestone(),
                  "backup",
                  "run",
                  "--endpoints",
                  endpoint,
                  "--repository",
                  "file:" + repository),
              Map.of(),
              folder.resolve("agent.log"))) {
        new Load(small.channel(0)).fill(tailEvents, 100, 1);
        awaitDurable(repository, tailEvents, agent);
      }
    }
    List<Run> ours = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      ours.add(restored(lodestone(), "restore", "--repository", "file:" + repository));
    }
    return new Comparison(
        "applying a tail of " + tailEvents + " events",
        "transactions into an etcd",
        ours,
        List.of(replay()),
        20);
  }

  /** Waits until the agent has stored as many revisions; a fresh etcd stands at 1. */
  private void awaitDurable(Path repository, int revisions, ChildProcess agent)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + AGENT_PATIENCE.toNanos();
    while (durable(repository) <= revisions) {
      if (!agent.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("the agent does not keep up:\n" + agent.output());
      }
      TimeUnit.SECONDS.sleep(1);
    }
    out.printf(
        "| (the agent, following these) | | | | %.0f MiB | |%n",
        Run.highWaterMark(agent.pid()) / 1048576.0);
  }

  private long durable(Path repository) throws IOException, InterruptedException {
    String described =
        Commands.run(
            List.of(lodestone(), "backup", "describe", "--repository", "file:" + repository));
    return described
        .lines()
        .filter(line -> line.startsWith("last revision"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(0);
  }

  private Run replay() throws IOException, InterruptedException, ExecutionException {
    try (EtcdCluster target = EtcdCluster.of(release, folder.resolve("replay")).start()) {
      Load load = new Load(target.channel(0));
      load.replay(1_000, 100);
      long start = System.nanoTime();
      load.replay(REPLAYED, 100);
      double perEvent = (System.nanoTime() - start) / (double) REPLAYED;
      return new Run(Duration.ofNanos((long) (perEvent * tailEvents)), 0);
    }
  }

  private String lodestone() {
    return home.resolve("lodestone").toString();
  }

  private static String size(Path file) throws IOException {
    return String.format("%.2f GiB", Files.size(file) / (double) (1L << 30));
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
