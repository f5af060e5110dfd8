package io.lodestone.bench.migrate;

import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What memory a migration takes that is many revisions behind. */
final class BacklogBench {
  /** Where the spool has not grown for so long, all that the source had is read. */
  private static final Duration QUIET = Duration.ofSeconds(15);

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
    out.println("| revisions behind | spool MiB | heap in use, most MiB | resident, most MiB |");
    out.println("|---|---|---|---|");
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
      run.stop();
      new Burst(source).put(backlog, SmallPuts::put);
      run.start();
      run.awaitPhase(Phase.CATCH_UP);
      long spool = 0;
      long heap = 0;
      long grownAt = System.nanoTime();
      while (System.nanoTime() - grownAt < QUIET.toNanos()) {
        heap = Math.max(heap, run.heapBytes());
        if (run.spoolBytes() > spool) {
          spool = run.spoolBytes();
          grownAt = System.nanoTime();
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
      out.printf(
          Locale.ROOT,
          "| %,d | %.1f | %.1f | %.0f |%n",
          backlog,
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
