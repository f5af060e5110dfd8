package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.NetworkLink;
import io.lodestone.peers.ResumingWatch;
import io.lodestone.peers.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever dies around a replica, or it itself, it stays what its source is. {@code
 * -Dlodestone.replica.faults=60} makes the run longer, {@code -Dlodestone.replica.seed=...} another
 * one.
 */
@Tag("once")
final class ReplicaFaultsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int FAULTS = Integer.getInteger("lodestone.replica.faults", 6);
  private static final long SEED = Long.getLong("lodestone.replica.seed", 1);
  private static final int MEMBERS = 3;
  private static final int WRITES_BETWEEN = 30;
  private static final long HASHED_REVISIONS = 300;

  @TempDir Path folder;
  private final Random random = new Random(SEED);
  private final List<NetworkLink> links = new ArrayList<>();
  private final String endpoint = "127.0.0.1:" + FreePorts.take();
  private final String peerUrl = "http://127.0.0.1:" + FreePorts.takeLasting();
  private String mode = "";
  private EtcdCluster source;
  private EtcdConnection connection;
  private EtcdConnection client;
  private Workload workload;
  private ChildProcess replica;

  private enum Fault {
    REPLICA_KILLED,
    COMPACTED_AT_THE_HEAD_WHILE_IT_WAS_DOWN,
    MEMBER_KILLED,
    LEADER_MOVED,
    NETWORK_CUT,
    NETWORK_SILENT
  }

  @ParameterizedTest
  @ValueSource(strings = {"watch", "raft"})
  void whateverFailsTheCopyIsTheSource(String how) throws Exception {
    mode = how;
    System.out.printf("replica by %s: seed %d, %d faults%n", mode, SEED, FAULTS);
    ManagedChannel own = NettyChannelBuilder.forTarget(endpoint).usePlaintext().build();
    try (EtcdCluster cluster =
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source"))
                .members(MEMBERS)
                .start();
        EtcdConnection direct = connect(cluster.endpoints());
        EtcdConnection through = connect(List.of(endpoint))) {
      source = cluster;
      connection = direct;
      client = through;
      for (String member : cluster.endpoints()) {
        links.add(NetworkLink.to(member));
      }
      replica = startReplica();
      awaitReplica();
      long first = connection.revision() + 1;
      try (ResumingWatch there =
              ResumingWatch.from(
                  List.of(cluster.channel(0), cluster.channel(1), cluster.channel(2)), first);
          ResumingWatch here = ResumingWatch.from(List.of(own), first)) {
        writeThroughAllFaults();
        awaitReplica();
        long head = connection.revision();
        awaitWatch(there, head);
        awaitWatch(here, head);
        assertThat(there.missed()).isEmpty();
        assertSame(here.events(), without(here.missed(), there.events()), here.missed());
      }
      assertHashesAreEqual();
    } finally {
      own.shutdownNow();
      for (NetworkLink link : links) {
        link.close();
      }
      if (replica != null) {
        replica.close();
      }
    }
  }

  private static void awaitWatch(ResumingWatch watch, long revision) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(watch.lastRevision())
                    .as("missed %s", watch.missed())
                    .isGreaterThanOrEqualTo(revision));
  }

  private static EtcdConnection connect(List<String> endpoints) {
    return EtcdConnection.open(ClientOptions.of(endpoints.toArray(String[]::new)));
  }

  private ChildProcess startReplica() throws Exception {
    return Cli.start(
        folder.resolve("replica.log"),
        "replica",
        "--mode",
        mode,
        "--listen-peer-urls",
        peerUrl,
        "--initial-advertise-peer-urls",
        peerUrl,
        "--endpoints",
        String.join(",", links.stream().map(NetworkLink::endpoint).toList()),
        "--data-dir",
        folder.resolve("replica").toString(),
        "--listen-client-urls",
        "http://" + endpoint,
        "--command-timeout",
        "10",
        "--look-interval",
        "200ms");
  }

  private void writeThroughAllFaults() throws Exception {
    try (Workload writers =
        Workload.start(SEED, 10, false, List.of(source.channel(0), source.channel(1)))) {
      workload = writers;
      for (Fault fault : faults()) {
        awaitWrites();
        befall(fault);
        awaitReplica();
      }
    }
  }

  /** Each kind once, in some order, again and again. */
  private List<Fault> faults() {
    List<Fault> all = new ArrayList<>();
    while (all.size() < FAULTS) {
      List<Fault> each = new ArrayList<>(Arrays.asList(Fault.values()));
      Collections.shuffle(each, random);
      all.addAll(each);
    }
    return all.subList(0, FAULTS);
  }

  private void befall(Fault fault) throws Exception {
    switch (fault) {
      case REPLICA_KILLED -> {
        replica.kill();
        replica = startReplica();
      }
      case COMPACTED_AT_THE_HEAD_WHILE_IT_WAS_DOWN -> {
        replica.kill();
        awaitWrites();
        connection.compact(connection.revision());
        replica = startReplica();
      }
      case MEMBER_KILLED -> {
        int member = random.nextInt(MEMBERS);
        source.member(member).kill();
        awaitWrites();
        source.member(member).start();
        source.awaitReady(member);
      }
      case LEADER_MOVED -> moveLeader();
      case NETWORK_CUT -> {
        links.forEach(NetworkLink::cut);
        awaitWrites();
        links.forEach(NetworkLink::heal);
      }
      case NETWORK_SILENT -> {
        links.forEach(NetworkLink::silence);
        awaitWrites();
        links.forEach(NetworkLink::heal);
      }
    }
  }

  private void moveLeader() throws Exception {
    List<Endpoint> members = connection.endpoints();
    long leader = connection.status(members.get(0)).getLeader();
    List<Long> ids = new ArrayList<>();
    for (Endpoint member : members) {
      ids.add(connection.status(member).getHeader().getMemberId());
    }
    long next = ids.get((ids.indexOf(leader) + 1) % MEMBERS);
    source.etcdctl("move-leader", Long.toHexString(next));
  }

  private void awaitWrites() {
    long target = workload.writes() + WRITES_BETWEEN;
    await().atMost(PATIENCE).until(() -> workload.writes() >= target);
  }

  /** Until it has what the source has now. */
  private void awaitReplica() {
    long head = connection.revision();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(replica.isAlive()).as(replica.output()).isTrue();
              return applied() >= head;
            });
  }

  private long applied() {
    RangeRequest local =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("k"))
            .setSerializable(true)
            .build();
    try {
      return client
          .ask(client.endpoints().get(0), KVGrpc.getRangeMethod(), local)
          .getHeader()
          .getRevision();
    } catch (LodestoneException e) {
      return 0; // it does not serve yet
    }
  }

  private static void assertSame(
      List<Event> found, List<Event> expected, List<ResumingWatch.Missed> missed) {
    for (int i = 0; i < Math.min(found.size(), expected.size()); i++) {
      assertThat(found.get(i)).as("event %d, missed %s", i, missed).isEqualTo(expected.get(i));
    }
    assertThat(found).hasSameSizeAs(expected);
  }

  private static List<Event> without(List<ResumingWatch.Missed> missed, List<Event> events) {
    return events.stream()
        .filter(
            event -> missed.stream().noneMatch(gap -> gap.contains(event.getKv().getModRevision())))
        .toList();
  }

  private void assertHashesAreEqual() {
    long head = connection.revision();
    long compacted = hash(connection, head).getCompactRevision();
    await().atMost(PATIENCE).until(() -> hash(client, head).getCompactRevision() == compacted);
    long step = 1 + (head - compacted) / HASHED_REVISIONS;
    for (long revision = head; revision > Math.max(1, compacted); revision -= step) {
      assertThat(hash(client, revision).getHash())
          .as("HashKV at %d of %d, compacted %d", revision, head, compacted)
          .isEqualTo(hash(connection, revision).getHash());
    }
  }

  private static HashKVResponse hash(EtcdConnection side, long revision) {
    return side.hashKv(side.endpoints().get(0), revision);
  }
}
