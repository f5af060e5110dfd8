package io.lodestone.bench.migrate;

import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What memory a migration takes that is many revisions behind: the source makes them faster than
 * they can be repeated, and so they wait in its spool. A watch that was down would not fill it:
 * etcd tells of what it has missed more slowly than it is repeated.
 */
final class BacklogBench {
  /** How long the migration is looked at, once all is written. */
  private static final Duration LOOK = Duration.ofSeconds(15);

  private static final double MIB = 1048576;

  private final Path lodestone;
  private final Path folder;
  private final PrintStream out;

  BacklogBench(Path lodestone, Path folder, PrintStream out) {
    this.lodestone = lodestone;
    this.folder = folder;
    this.out = out;
  }

  void run(int few, int many, int metricsPort) throws Exception {
    out.println(
        "| revisions written | behind then | spool MiB | heap in use, most MiB | resident, most MiB |");
    out.println("|---|---|---|---|---|");
    for (int backlog : new int[] {few, many}) {
      measure(backlog, metricsPort);
    }
  }

  private void measure(int backlog, int metricsPort) throws Exception {
    Path place = folder.resolve("backlog-" + backlog);
    Newcomer newcomer = Newcomer.etcd("3.5", 1, place.resolve("destination"));
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of("3.5"), place.resolve("source")).flags(MoveRun.QUOTA);
    try (EtcdCluster source = plan.start();
        MoveRun run = new MoveRun(lodestone, place.resolve("run"), source, newcomer, metricsPort)) {
      new Burst(source).put(SmallPuts.KEYS, SmallPuts::put);
      run.start();
      run.awaitClose();
      new Burst(source).put(backlog, SmallPuts::put);
      long behind = run.status().orElseThrow().lagRevisions();
      long spool = 0;
      long heap = 0;
      long end = System.nanoTime() + LOOK.toNanos();
      while (System.nanoTime() < end) {
        heap = Math.max(heap, run.heapBytes());
        spool = Math.max(spool, run.spoolBytes());
        TimeUnit.MILLISECONDS.sleep(100);
      }
      out.printf(
          Locale.ROOT,
          "| %,d | %,d | %.1f | %.1f | %.0f |%n",
          backlog,
          behind,
          spool / MIB,
          heap / MIB,
          highWaterMark(run.pid()) / MIB);
    }
  }

  /** The kernel's, in bytes. */
  private static long highWaterMark(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }
}
