package io.lodestone.bench.migrate;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How fast a backlog of revisions reaches a cluster, by {@code lodestone migrate run} and by {@code
 * etcdctl make-mirror}, which both send one transaction for each. Beginning and end of the backlog
 * are left out.
 */
final class ReplayBench {
  private static final Duration PATIENCE = Duration.ofMinutes(15);
  private static final double LEFT_OUT = 0.1;

  /** make-mirror first copies these one by one. */
  private static final int KEYS = 1000;

  private final Path lodestone;
  private final Path folder;
  private final int members;
  private final PrintStream out;

  ReplayBench(Path lodestone, Path folder, int members, PrintStream out) {
    this.lodestone = lodestone;
    this.folder = folder;
    this.members = members;
    this.out = out;
  }

  void run(int revisions, int metricsPort) throws Exception {
    Path place = folder.resolve("replay");
    EtcdCluster.Plan plan =
        EtcdCluster.of(EtcdRelease.of("3.5"), place.resolve("source"))
            .members(members)
            .flags(MoveRun.QUOTA);
    try (EtcdCluster source = plan.start()) {
      new Burst(source).put(KEYS, ReplayBench::put);
      double ours = replay(source, place, revisions, metricsPort);
      double theirs = mirror(source, place, revisions);
      out.println(
          "| a backlog of revisions, " + members + " to " + members + " | revisions/s | ratio |");
      out.println("|---|---|---|");
      out.printf(
          Locale.ROOT,
          "| %,d: lodestone migrate | %,.0f | %.2f |%n",
          revisions,
          ours,
          ours / theirs);
      out.printf(Locale.ROOT, "| %,d: etcdctl make-mirror | %,.0f | 1 |%n", revisions, theirs);
    }
  }

  private static PutRequest put(int number) {
    return SmallPuts.put(number % KEYS);
  }

  private double replay(EtcdCluster source, Path place, int revisions, int metricsPort)
      throws Exception {
    Newcomer newcomer = Newcomer.etcd("3.5", members, place.resolve("destination"));
    try (MoveRun run =
        new MoveRun(lodestone, place.resolve("run"), source, newcomer, metricsPort)) {
      run.start();
      run.awaitClose();
      run.stop();
      long first = revision(source);
      new Burst(source).put(revisions, ReplayBench::put);
      run.start();
      return rate(first, revisions, () -> run.status().orElseThrow().destinationRevision());
    }
  }

  private double mirror(EtcdCluster source, Path place, int revisions) throws Exception {
    EtcdRelease release = EtcdRelease.of("3.5");
    EtcdCluster.Plan plan =
        EtcdCluster.of(release, place.resolve("mirror")).members(members).flags(MoveRun.QUOTA);
    try (EtcdCluster destination = plan.start()) {
      List<String> command = new ArrayList<>(List.of(release.etcdctl().toString()));
      command.addAll(List.of("--endpoints", String.join(",", source.endpoints())));
      command.addAll(List.of("make-mirror", destination.endpoints().get(0)));
      try (ChildProcess mirror =
          ChildProcess.start(
              command, Map.of("ETCDCTL_API", "3"), place.resolve("make-mirror.log"))) {
        LongSupplier reached =
            () -> {
              if (!mirror.isAlive()) {
                throw new IllegalStateException("make-mirror ended: see its log in " + place);
              }
              return revision(destination);
            };
        long copied = await(KEYS + 1, reached).revision;
        signal("STOP", mirror);
        new Burst(source).put(revisions, ReplayBench::put);
        signal("CONT", mirror);
        return rate(copied, revisions, reached);
      }
    }
  }

  private static void signal(String name, ChildProcess process)
      throws IOException, InterruptedException {
    String unused = Commands.run(List.of("kill", "-" + name, Long.toString(process.pid())));
  }

  private static double rate(long first, int revisions, LongSupplier reached)
      throws IOException, InterruptedException {
    long from = (long) (first + revisions * LEFT_OUT);
    long to = (long) (first + revisions * (1 - LEFT_OUT));
    Look begin = await(from, reached);
    Look end = await(to, reached);
    return (end.revision - begin.revision) * 1e9 / (end.nanos - begin.nanos);
  }

  private record Look(long nanos, long revision) {}

  private static Look await(long revision, LongSupplier reached)
      throws IOException, InterruptedException {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < giveUpAt) {
      long now = reached.getAsLong();
      if (now >= revision) {
        return new Look(System.nanoTime(), now);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    throw new IOException("revision " + revision + " was not reached");
  }

  private static long revision(EtcdCluster cluster) {
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("none"))
            .setCountOnly(true)
            .build();
    try {
      return KVGrpc.newBlockingStub(cluster.channel(0)).range(request).getHeader().getRevision();
    } catch (StatusRuntimeException e) {
      throw new IllegalStateException("a member does not answer", e);
    }
  }
}
