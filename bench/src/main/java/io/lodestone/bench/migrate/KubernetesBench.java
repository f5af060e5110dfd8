package io.lodestone.bench.migrate;

import io.lodestone.bench.migrate.MovingWriters.Waits;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** A Kubernetes cluster's data, moved while its nodes and pods go on reporting. */
final class KubernetesBench {
  private static final int WRITERS = 24;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Path lodestone;
  private final Path folder;
  private final int members;
  private final PrintStream out;

  KubernetesBench(Path lodestone, Path folder, int members, PrintStream out) {
    this.lodestone = lodestone;
    this.folder = folder;
    this.members = members;
    this.out = out;
  }

  void run(int divisor, int metricsPort) throws Exception {
    KubernetesObjects objects = new KubernetesObjects(divisor);
    Path place = folder.resolve("kubernetes");
    Newcomer newcomer = Newcomer.etcd("3.5", members, place.resolve("destination"));
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of("3.5"), place.resolve("source"))
            .members(members)
            .flags(MoveRun.QUOTA);
    try (EtcdCluster source = plan.start();
        MoveRun run = new MoveRun(lodestone, place.resolve("run"), source, newcomer, metricsPort)) {
      new Burst(source).put(objects.count(), objects::create);
      try (MovingWriters writers =
          new MovingWriters(
                  source.endpoints(),
                  newcomer.endpoints(),
                  run.moved(),
                  WRITERS,
                  KubernetesObjects.UPDATES_PER_SECOND,
                  objects::update)
              .start()) {
        run.start();
        run.awaitClose();
        run.cutOver();
        print(objects, run, writers.awaitArrival(PATIENCE));
      }
    }
  }

  private void print(KubernetesObjects objects, MoveRun run, Waits waits) throws Exception {
    out.printf(
        Locale.ROOT,
        "%,d nodes, %,d pods, %,d services, %.0f updates a second, members on each side: %d%n",
        objects.nodes(),
        objects.pods(),
        objects.services(),
        KubernetesObjects.UPDATES_PER_SECOND,
        members);
    out.println("| | whole move s | writers stopped s | " + CutoverBench.STEPS + " |");
    out.println("|---|---|---|---|");
    out.printf(
        Locale.ROOT,
        "| lodestone | %.1f | %.2f | %s |%n",
        run.total().toMillis() / 1e3,
        waits.betweenAll() / 1e3,
        CutoverBench.steps(run));
    out.println("| Kstone's published case, on other machines | 34 | 24 | |");
  }
}
