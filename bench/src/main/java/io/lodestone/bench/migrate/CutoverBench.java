package io.lodestone.bench.migrate;

import io.lodestone.bench.migrate.MovingWriters.Waits;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How long writers wait at a cutover, over many moves of clusters of so many members. */
final class CutoverBench {
  static final String STEPS = "fence, drain, seed, align, proof, command ms";

  private static final int WRITERS = 50;
  private static final Duration STEADY = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** The first pair is moved as often as asked for, the others this many times less often. */
  private static final int SHARE = 4;

  private final Path lodestone;
  private final Path folder;
  private final int members;
  private final List<String> settings;
  private final PrintStream out;

  /**
   * @param settings further lines of each migration's settings
   */
  CutoverBench(Path lodestone, Path folder, int members, List<String> settings, PrintStream out) {
    this.lodestone = lodestone;
    this.folder = folder;
    this.members = members;
    this.settings = settings;
    this.out = out;
  }

  void run(int migrations, int perSecond, int metricsPort) throws Exception {
    out.printf(
        Locale.ROOT,
        "%d to %d members, %d writers, %,d writes a second, %,d keys of %d bytes%n",
        members,
        members,
        WRITERS,
        perSecond,
        SmallPuts.KEYS,
        SmallPuts.VALUE_BYTES);
    out.println("| move | writers' wait ms | slowest writer's ms | " + STEPS + " |");
    out.println("|---|---|---|---|");
    int fewer = Math.max(1, migrations / SHARE);
    rounds("3.5 to 3.5", "3.5", 0, migrations, perSecond, metricsPort);
    rounds("3.4 to 3.5", "3.4", migrations, fewer, perSecond, metricsPort);
    rounds("3.5 to one store of ours", "ours", migrations + fewer, fewer, perSecond, metricsPort);
  }

  private void rounds(
      String what, String kind, int first, int count, int perSecond, int metricsPort)
      throws Exception {
    List<Double> waits = new ArrayList<>();
    for (int round = 0; round < count; round++) {
      Path place = folder.resolve("move-" + (first + round));
      Newcomer newcomer =
          kind.equals("ours")
              ? Newcomer.store(lodestone, place.resolve("destination"))
              : Newcomer.etcd("3.5", members, place.resolve("destination"));
      String from = kind.equals("ours") ? "3.5" : kind;
      waits.add(move(what, from, newcomer, place, perSecond, metricsPort));
    }
    Collections.sort(waits);
    out.printf(
        Locale.ROOT,
        "| **%s, %d times: median, worst** | **%.0f, %.0f** | | |%n",
        what,
        count,
        waits.get(waits.size() / 2),
        waits.get(waits.size() - 1));
  }

  private double move(
      String what, String from, Newcomer newcomer, Path place, int perSecond, int metricsPort)
      throws Exception {
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of(from), place.resolve("source"))
            .members(members)
            .flags(MoveRun.QUOTA);
    try (EtcdCluster source = plan.start();
        MoveRun run =
            new MoveRun(lodestone, place.resolve("run"), source, newcomer, metricsPort, settings)) {
      new Burst(source).put(SmallPuts.KEYS, SmallPuts::put);
      try (MovingWriters writers =
          new MovingWriters(
                  source.endpoints(),
                  newcomer.endpoints(),
                  run.moved(),
                  WRITERS,
                  perSecond,
                  SmallPuts::any)
              .start()) {
        run.start();
        run.awaitClose();
        TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
        run.cutOver();
        Waits waits = writers.awaitArrival(PATIENCE);
        out.printf(
            Locale.ROOT,
            "| %s | %.0f | %.0f | %s |%n",
            what,
            waits.betweenAll(),
            waits.slowest(),
            steps(run));
        return waits.betweenAll();
      }
    }
  }

  /** What a wait was made of. */
  static String steps(MoveRun run) throws IOException {
    return String.format(
        Locale.ROOT,
        "%d, %d, %d, %d, %d, %d",
        run.millis(Phase.FENCE),
        run.millis(Phase.DRAIN),
        run.millis(Phase.LATE_SEED),
        run.millis(Phase.ALIGN),
        run.millis(Phase.CONSISTENCY_CHECK),
        run.millis(Phase.CUTOVER));
  }
}
