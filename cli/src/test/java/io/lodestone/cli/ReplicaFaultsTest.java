package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.MoveLeaderRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.FreePorts;
import io.lodestone.peers.NetworkLink;
import io.lodestone.peers.ResumingWatch;
import io.lodestone.peers.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever dies around a replica, or it itself, it stays what its source is. {@code
 * -Dlodestone.replica.faults=80} makes the run longer, {@code -Dlodestone.replica.seed=...} another
 * one; {@code -Dlodestone.replica.runs="watch 3.4,raft 3.4"} says by which way to follow which
 * source, {@code -Dlodestone.replica.writes=300} how many writes a fault lasts, and {@code
 * -Dlodestone.replica.hashes=10000} at how many revisions to compare in the end.
 *
 * <p>All that the replica sends and receives passes links that can fail: those to the members'
 * client ports, one in front of its own peer port, and those to the members' peer ports, which for
 * the replica, and for it alone, are at another address: the members name themselves by a host name
 * that its process resolves otherwise.
 */
@Tag("once")
final class ReplicaFaultsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int FAULTS = Integer.getInteger("lodestone.replica.faults", 6);
  private static final long SEED = Long.getLong("lodestone.replica.seed", 1);
  private static final String RUNS =
      System.getProperty("lodestone.replica.runs", "watch 3.5,raft 3.5");
  private static final int MEMBERS = 3;
  private static final int WRITES = Integer.getInteger("lodestone.replica.writes", 30);
  private static final int HASHES = Integer.getInteger("lodestone.replica.hashes", 200);
  private static final String NAME_OF_MEMBERS = "localhost";
  private static final String ADDRESS_FOR_THE_REPLICA = "127.0.0.2";
  private static final Duration LONGEST_LIFE = Duration.ofSeconds(4);

  @TempDir Path folder;
  private final Random random = new Random(SEED);
  private final List<NetworkLink> clientLinks = new ArrayList<>();
  private final List<NetworkLink> peerLinks = new ArrayList<>();
  private final String endpoint = "127.0.0.1:" + FreePorts.takeLasting();
  private final String ownPeer = "127.0.0.1:" + FreePorts.takeLasting();
  private String mode = "";
  private SourceMembers source;
  private EtcdConnection connection;
  private EtcdConnection client;
  private Workload workload;
  private ChildProcess replica;
  private int kills;

  private enum Fault {
    REPLICA_KILLED,
    REPLICA_KILLED_AGAIN_AS_IT_CAME_BACK,
    COMPACTED_AT_THE_HEAD_WHILE_IT_WAS_DOWN,
    MEMBER_KILLED,
    LEADER_MOVED,
    NETWORK_CUT,
    NETWORK_SILENT,
    PEERS_CUT,
    PEERS_SILENT,
    MEMBER_CUT
  }

  private static Stream<String> runs() {
    return Arrays.stream(RUNS.split(",", -1));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void whateverFailsTheCopyIsTheSource(String run) throws Exception {
    String[] words = run.split(" ", 2);
    mode = words[0];
    System.out.printf("replica by %s: seed %d, %d faults%n", run, SEED, FAULTS);
    ManagedChannel own = channel(endpoint);
    List<ManagedChannel> members = new ArrayList<>();
    try (SourceMembers cluster =
            SourceMembers.start(words[1], folder.resolve("source"), NAME_OF_MEMBERS);
        EtcdConnection direct = connect(cluster.endpoints());
        EtcdConnection through = connect(List.of(endpoint))) {
      source = cluster;
      connection = direct;
      client = through;
      for (int i = 0; i < MEMBERS; i++) {
        awaitAnswer(i);
        members.add(channel(cluster.endpoints().get(i)));
      }
      link();
      replica = startReplica();
      awaitReplica();
      long first = head() + 1;
      try (ResumingWatch there = ResumingWatch.from(members, first);
          ResumingWatch here = ResumingWatch.from(List.of(own), first)) {
        writeThroughAllFaults(members);
        awaitReplica();
        long last = head();
        awaitWatch(there, last);
        awaitWatch(here, last);
        List<ResumingWatch.Missed> missed =
            Stream.of(here, there).flatMap(watch -> watch.missed().stream()).toList();
        assertSame(without(missed, here.events()), without(missed, there.events()), missed);
        System.out.printf(
            "%d events to both watchers, %d gaps by compaction%n",
            here.events().size(), missed.size());
      }
      assertHashesAreEqual();
    } finally {
      own.shutdownNow();
      members.forEach(ManagedChannel::shutdownNow);
      if (replica != null) {
        replica.close();
      }
      for (NetworkLink link : links()) {
        link.close();
      }
    }
  }

  private static ManagedChannel channel(String target) {
    return NettyChannelBuilder.forTarget(target)
        .usePlaintext()
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .build();
  }

  /** The first of the peer links leads to the replica. */
  private void link() throws IOException {
    for (String member : source.endpoints()) {
      clientLinks.add(NetworkLink.to(member));
    }
    peerLinks.add(NetworkLink.to(ownPeer));
    if (mode.equals("raft")) {
      for (String member : source.peers()) {
        peerLinks.add(NetworkLink.at(ADDRESS_FOR_THE_REPLICA, member));
      }
    }
  }

  private List<NetworkLink> links() {
    return Stream.concat(clientLinks.stream(), peerLinks.stream()).toList();
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

  private ChildProcess startReplica() throws IOException {
    Path hosts = folder.resolve("hosts");
    Files.writeString(hosts, ADDRESS_FOR_THE_REPLICA + " " + NAME_OF_MEMBERS + "\n");
    return Cli.start(
        folder.resolve("replica.log"),
        Map.of("JAVA_TOOL_OPTIONS", "-Djdk.net.hosts.file=" + hosts),
        "replica",
        "--mode",
        mode,
        "--listen-peer-urls",
        "http://" + ownPeer,
        "--initial-advertise-peer-urls",
        "http://" + peerLinks.get(0).endpoint(),
        "--endpoints",
        String.join(",", clientLinks.stream().map(NetworkLink::endpoint).toList()),
        "--data-dir",
        folder.resolve("replica").toString(),
        "--listen-client-urls",
        "http://" + endpoint,
        "--command-timeout",
        "30",
        "--look-interval",
        "200ms");
  }

  private void writeThroughAllFaults(List<? extends Channel> members) throws Exception {
    try (Workload writers = Workload.start(SEED, 10, false, members.subList(0, 2));
        FreshReads reads = FreshReads.start(connection, client)) {
      workload = writers;
      for (Fault fault : faults()) {
        awaitWrites();
        long began = System.nanoTime();
        befall(fault);
        awaitReplica();
        System.out.printf(
            "%s: %d ms, revision %d%n", fault, (System.nanoTime() - began) / 1_000_000, head());
        assertThat(reads.stale()).isEmpty();
      }
      System.out.printf("%d kills of the replica, %d fresh reads%n", kills, reads.answers());
      long answered = reads.answers();
      await().atMost(PATIENCE).until(() -> reads.answers() > answered);
    }
  }

  /** Each kind once, in some order, again and again. */
  private List<Fault> faults() {
    List<Fault> all = new ArrayList<>();
    while (all.size() < FAULTS) {
      List<Fault> each = new ArrayList<>(Arrays.asList(Fault.values()));
      if (mode.equals("watch")) {
        each.removeAll(List.of(Fault.PEERS_CUT, Fault.PEERS_SILENT));
      }
      Collections.shuffle(each, random);
      all.addAll(each);
    }
    return all.subList(0, FAULTS);
  }

  private void befall(Fault fault) throws Exception {
    switch (fault) {
      case REPLICA_KILLED -> {
        killReplica();
        replica = startReplica();
      }
      case REPLICA_KILLED_AGAIN_AS_IT_CAME_BACK -> {
        killReplica();
        awaitWrites();
        replica = startReplica();
        boolean ended =
            replica.endsWithin(Duration.ofMillis(random.nextInt((int) LONGEST_LIFE.toMillis())));
        assertThat(ended).as(replica.output()).isFalse();
        killReplica();
        replica = startReplica();
      }
      case COMPACTED_AT_THE_HEAD_WHILE_IT_WAS_DOWN -> {
        killReplica();
        awaitWrites();
        compactAtTheHead();
        replica = startReplica();
      }
      case MEMBER_KILLED -> {
        int member = random.nextInt(MEMBERS);
        source.kill(member);
        awaitWrites();
        source.start(member);
        awaitAnswer(member);
      }
      case LEADER_MOVED -> moveLeader();
      case NETWORK_CUT -> during(links(), NetworkLink::cut);
      case NETWORK_SILENT -> during(links(), NetworkLink::silence);
      case PEERS_CUT -> during(peerLinks, NetworkLink::cut);
      case PEERS_SILENT -> during(peerLinks, NetworkLink::silence);
      case MEMBER_CUT -> during(linksOf(random.nextInt(MEMBERS)), NetworkLink::cut);
    }
  }

  private void killReplica() {
    kills++;
    replica.kill();
  }

  private void during(List<NetworkLink> some, Consumer<NetworkLink> failure) {
    some.forEach(failure);
    awaitWrites();
    some.forEach(NetworkLink::heal);
  }

  private List<NetworkLink> linksOf(int member) {
    return mode.equals("raft")
        ? List.of(clientLinks.get(member), peerLinks.get(member + 1))
        : List.of(clientLinks.get(member));
  }

  /** Somebody may be away, or nobody lead, for a moment. */
  private static ConditionFactory eventually() {
    return await()
        .pollDelay(Duration.ZERO)
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(LodestoneException.class);
  }

  private void compactAtTheHead() {
    eventually()
        .until(
            () -> {
              connection.compact(connection.revision());
              return true;
            });
  }

  /** To the next one in the list. */
  private void moveLeader() {
    eventually()
        .until(
            () -> {
              List<Endpoint> members = connection.endpoints();
              List<Long> ids = new ArrayList<>();
              for (Endpoint member : members) {
                ids.add(connection.status(member).getHeader().getMemberId());
              }
              int leader = ids.indexOf(connection.status(members.get(0)).getLeader());
              long next = ids.get((leader + 1) % MEMBERS);
              connection.ask(
                  members.get(leader),
                  MaintenanceGrpc.getMoveLeaderMethod(),
                  MoveLeaderRequest.newBuilder().setTargetID(next).build());
              return true;
            });
  }

  private void awaitWrites() {
    long target = workload.writes() + WRITES;
    await().atMost(PATIENCE).until(() -> workload.writes() >= target);
  }

  /** Until the member answers a linearizable read. */
  private void awaitAnswer(int member) {
    RangeRequest read = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
    eventually()
        .until(
            () ->
                connection
                        .ask(connection.endpoints().get(member), KVGrpc.getRangeMethod(), read)
                        .getHeader()
                        .getRevision()
                    > 0);
  }

  private long head() {
    AtomicLong revision = new AtomicLong();
    eventually()
        .until(
            () -> {
              revision.set(connection.revision());
              return true;
            });
    return revision.get();
  }

  /** Until it has what the source has now. */
  private void awaitReplica() {
    long head = head();
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

  /** At every revision behind the compaction, as far as they are not all too many. */
  private void assertHashesAreEqual() {
    long head = head();
    long compacted = hash(connection, head).getCompactRevision();
    eventually().until(() -> hash(client, head).getCompactRevision() == compacted);
    long step = 1 + (head - compacted) / HASHES;
    int count = 0;
    for (long revision = head; revision > Math.max(1, compacted); revision -= step) {
      assertThat(hash(client, revision).getHash())
          .as("HashKV at %d of %d, compacted %d", revision, head, compacted)
          .isEqualTo(hash(connection, revision).getHash());
      count++;
    }
    System.out.printf("HashKV equal at %d revisions of %d%n", count, head - compacted);
  }

  private static HashKVResponse hash(EtcdConnection side, long revision) {
    AtomicReference<HashKVResponse> answer = new AtomicReference<>();
    eventually()
        .until(
            () -> {
              answer.set(side.hashKv(side.endpoints().get(0), revision));
              return true;
            });
    return answer.get();
  }
}
