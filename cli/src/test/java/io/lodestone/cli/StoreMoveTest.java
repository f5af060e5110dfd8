package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.lockstep.LeaseKeeper;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Watched;
import io.lodestone.peers.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Moves from and to stores of three members, under the full random load. {@code
 * -Dlodestone.migrate.stores="store 3.4,3.5 store,store store"} says which; {@code
 * -Dlodestone.migrate.writes=2000} how much is written meanwhile.
 */
@Tag("once")
final class StoreMoveTest {
  private static final String RUNS = System.getProperty("lodestone.migrate.stores", "store 3.5");
  private static final int WRITES = Integer.getInteger("lodestone.migrate.writes", 200);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int MEMBERS = 3;
  private static final long HASHED_REVISIONS = 100;
  private static final long TTL_SECONDS = 5;

  @TempDir Path folder;

  private static Stream<String> runs() {
    return Arrays.stream(RUNS.split(",", -1));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void everyRevisionLeaseAndWatchMovesWhileClientsWrite(String pair) throws Exception {
    String[] kinds = pair.split(" ", 2);
    try (SourceMembers source =
            SourceMembers.start(kinds[0], folder.resolve("source"), "127.0.0.1");
        EtcdConnection old = connect(source.endpoints())) {
      awaitAnswer(old);
      if (kinds[1].equals("store")) {
        try (SourceMembers stores =
                SourceMembers.start("store", folder.resolve("destination"), "127.0.0.1");
            EtcdConnection there = connect(stores.endpoints())) {
          awaitAnswer(there);
          move(old, stores.endpoints(), "to-running: true\n", () -> {});
        }
      } else {
        EtcdCluster.Plan plan =
            EtcdCluster.of(EtcdRelease.of(kinds[1]), folder.resolve("destination"))
                .members(MEMBERS)
                .token("new")
                .flags("--experimental-enable-lease-checkpoint");
        try (Started etcd = new Started(plan)) {
          move(old, plan.endpoints(), seeded(plan), etcd);
        }
      }
    }
  }

  /** Starts what a migration needs once it has begun. */
  private interface Start {
    void start() throws Exception;
  }

  /** Members of etcd that are started on the directories which a migration writes. */
  private static final class Started implements Start, AutoCloseable {
    private final EtcdCluster.Plan plan;
    private final List<EtcdCluster> running = new ArrayList<>();

    Started(EtcdCluster.Plan plan) {
      this.plan = plan;
    }

    @Override
    public void start() throws Exception {
      await()
          .atMost(PATIENCE)
          .until(
              () -> plan.peerUrls().keySet().stream().map(plan::dataDir).allMatch(Files::exists));
      running.add(plan.start());
    }

    @Override
    public void close() {
      running.forEach(EtcdCluster::close);
    }
  }

  private static String seeded(EtcdCluster.Plan plan) {
    String members =
        plan.peerUrls().entrySet().stream()
            .map(member -> member.getKey() + "=" + member.getValue())
            .collect(Collectors.joining(", "));
    return "to-initial-cluster-token: new\nto-initial-cluster: ["
        + members
        + "]\nto-data-dir: "
        + plan.dataDir("m1").getParent()
        + "\n";
  }

  private void move(EtcdConnection old, List<String> to, String destination, Start start)
      throws Exception {
    Path moved = folder.resolve("moved");
    Path config =
        Files.writeString(
            folder.resolve("migration.yaml"),
            "endpoints: "
                + old.endpoints().stream().map(StoreMoveTest::address).toList()
                + "\nto-endpoints: "
                + to
                + "\ndir: "
                + folder.resolve("migration")
                + "\nlook-interval: 200ms\nlease-grace: 10m\ncutover-command: touch "
                + moved
                + "\n"
                + destination);
    List<ManagedChannel> writers =
        old.endpoints().stream().map(StoreMoveTest::address).map(StoreMoveTest::channel).toList();
    ManagedChannel there = channel(to.get(0));
    try (EtcdConnection fresh = connect(to);
        Watched before = Watched.from(writers.get(1), 2);
        LeaseKeeper keeper = new LeaseKeeper(old)) {
      LeaseId lease = grant(old);
      keeper.keep(lease, TTL_SECONDS);
      keeper.start();
      put(old, "first", lease);
      ChildProcess run =
          Cli.start(folder.resolve("run.log"), "migrate", "run", "--config", config.toString());
      try (run) {
        try (Workload workload = Workload.start(41, 40, false, writers.subList(0, 2))) {
          start.start();
          await().atMost(PATIENCE).until(() -> isSteady(run));
          long target = workload.writes() + WRITES;
          await().atMost(PATIENCE).until(() -> workload.writes() >= target);
          Files.createFile(folder.resolve("migration").resolve("cutover.request"));
          await().atMost(PATIENCE).until(() -> Files.exists(moved) || !run.isAlive());
          assertThat(moved).as(run.output()).exists();
        }
        long last = old.revision();
        assertEqual(old, fresh, last);
        assertThat(fresh.leases()).isEqualTo(old.leases()).contains(lease);
        assertThat(fresh.grantedTtlSeconds(lease)).isEqualTo(OptionalLong.of(TTL_SECONDS));
        await().atMost(PATIENCE).until(() -> before.lastRevision() == last);
        try (Watched after = Watched.from(there, last + 1)) {
          assertThat(put(fresh, "first", lease)).isEqualTo(last + 1);
          await().atMost(PATIENCE).until(() -> after.lastRevision() == last + 1);
          assertContiguous(before.events(), after.events());
        }
      }
    } finally {
      writers.forEach(ManagedChannel::shutdownNow);
      there.shutdownNow();
    }
  }

  private boolean isSteady(ChildProcess run) throws IOException {
    if (!run.isAlive()) {
      throw new AssertionError("the migration ended: " + run.output());
    }
    Cli.Outcome status =
        Cli.run(
            "migrate",
            "status",
            "--dir",
            folder.resolve("migration").toString(),
            "--output",
            "json");
    return status.exitCode() == 0 && status.json().path("phase").asText().equals("STEADY");
  }

  /** Every main revision once, in order, across the move. */
  private static void assertContiguous(List<Event> before, List<Event> after) {
    List<Long> revisions =
        Stream.concat(before.stream(), after.stream())
            .map(event -> event.getKv().getModRevision())
            .distinct()
            .toList();
    for (int i = 0; i < revisions.size(); i++) {
      assertThat(revisions.get(i)).isEqualTo(revisions.get(0) + i);
    }
  }

  /** All six members hash alike, at the last revision and at some before. */
  private static void assertEqual(EtcdConnection old, EtcdConnection fresh, long last) {
    Endpoint first = old.endpoints().get(0);
    long oldest = Math.max(2, old.hashKv(first, last).getCompactRevision() + 1);
    long step = 1 + (last - oldest) / HASHED_REVISIONS;
    for (long revision = last; revision >= oldest; revision -= step) {
      HashKVResponse expected = old.hashKv(first, revision);
      for (EtcdConnection side : List.of(old, fresh)) {
        for (Endpoint member : side.endpoints()) {
          assertThat(side.hashKv(member, revision).getHash())
              .as("HashKV of %s at %d, of %d to %d", member, revision, oldest, last)
              .isEqualTo(expected.getHash());
        }
      }
    }
  }

  private static LeaseId grant(EtcdConnection cluster) {
    LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build();
    return new LeaseId(cluster.write(LeaseGrpc.getLeaseGrantMethod(), request).getID());
  }

  private static long put(EtcdConnection cluster, String key, LeaseId lease) {
    PutRequest put =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setLease(lease.value())
            .build();
    return cluster.write(KVGrpc.getPutMethod(), put).getHeader().getRevision();
  }

  private static String address(Endpoint endpoint) {
    return endpoint.host() + ":" + endpoint.port();
  }

  private static ManagedChannel channel(String target) {
    return NettyChannelBuilder.forTarget(target)
        .usePlaintext()
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .build();
  }

  private static EtcdConnection connect(List<String> endpoints) {
    return EtcdConnection.open(ClientOptions.of(endpoints.toArray(String[]::new)));
  }

  private static void awaitAnswer(EtcdConnection cluster) {
    for (Endpoint member : cluster.endpoints()) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(LodestoneException.class)
          .until(() -> cluster.hashKv(member, 0).getHeader().getRevision() > 0);
    }
  }
}
