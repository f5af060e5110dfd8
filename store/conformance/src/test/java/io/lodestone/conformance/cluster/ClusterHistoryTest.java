package io.lodestone.conformance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.MoveLeaderRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Namespaces;
import io.lodestone.peers.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Members are killed, paused, replaced and made leader under clients that write, read, compare and
 * swap, and keep leases, at any member. Afterwards all they were told must be one history: that
 * which a watch tells, and which every member has; no key went before its lease, and none stays.
 *
 * <p>A long run: {@code -Dlodestone.cluster.soak=SECONDS}, with {@code -Dlodestone.cluster.size=5}
 * members; with {@code -Dlodestone.cluster.network=true}, as root, each in a network namespace, cut
 * off alone or in pairs, now and then, or in one direction only, or slow and lossy; with {@code
 * -Dlodestone.cluster.disk=true} the first one's disk is full now and then; with {@code
 * -Dlodestone.cluster.tls=true} members speak TLS with each other; with {@code
 * -Dlodestone.cluster.release=3.5} the same for stock etcd; with {@code
 * -Dlodestone.cluster.clock=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1} members' wall
 * clocks jump.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
final class ClusterHistoryTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int MEMBERS = Integer.getInteger("lodestone.cluster.size", 3);
  private static final int CLIENTS = 4;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final long seed = Long.getLong("lodestone.cluster.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Observed observed = new Observed();
  private final ConcurrentLinkedQueue<Throwable> surprises = new ConcurrentLinkedQueue<>();

  private final List<Fault> faults = new ArrayList<>();
  private Optional<Namespaces> network = Optional.empty();
  private Optional<SmallDisk> disk = Optional.empty();
  private Optional<WallClocks> clocks = Optional.empty();

  /** What happens to one member; it is over, and the cluster whole, when it returns. */
  private interface Fault {
    void strike(Members members, int index) throws IOException, InterruptedException;
  }

  @Test
  void whatClientsAreToldIsOneHistory() throws Exception {
    System.out.println("seed of the cluster's history: " + seed);
    faults.addAll(
        List.of(
            this::killed, this::paused, (members, index) -> lead(members, index), this::replaced));
    if (Boolean.getBoolean("lodestone.cluster.network")) {
      network = Optional.of(new Namespaces(MEMBERS));
      faults.addAll(List.of(this::cut, this::flapping, this::muted, this::choked));
    }
    if (Boolean.getBoolean("lodestone.cluster.disk")) {
      disk = Optional.of(SmallDisk.make(Files.createDirectory(folder.resolve("small")), 128));
      faults.add((members, index) -> full(members));
    }
    if (System.getProperty("lodestone.cluster.clock") != null) {
      clocks =
          Optional.of(
              new WallClocks(Path.of(System.getProperty("lodestone.cluster.clock")), folder));
      clocks.get().requireWrong(0);
      faults.add((members, index) -> jumped(members, index));
    }
    Optional<EtcdRelease> release =
        Optional.ofNullable(System.getProperty("lodestone.cluster.release")).map(EtcdRelease::of);
    try (Members members = MemberProcesses.start(folder, MEMBERS, release, network, disk, clocks)) {
      awaitWrite(members, 0, "h/first");
      run(members, Long.getLong("lodestone.cluster.soak", 25));
      long last = awaitWrite(members, 0, "h/last");
      check(members, last);
    } finally {
      if (disk.isPresent()) {
        disk.get().close();
      }
      if (network.isPresent()) {
        network.get().close();
      }
    }
  }

  private void run(Members members, long seconds) throws IOException, InterruptedException {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new Client(i, members.endpoints(), observed, surprises, seed));
    }
    Tenant tenant = new Tenant(members.endpoints(), surprises, seed);
    try {
      clients.forEach(Thread::start);
      tenant.start();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (System.nanoTime() < end) {
        hurt(members, random.nextInt(MEMBERS));
      }
    } finally {
      for (Client client : clients) {
        client.finish();
      }
      assertThat(tenant.finish()).as("seed %d", seed).isPositive();
    }
  }

  /** A minority at a time; each time the cluster has served again before the next. */
  private void hurt(Members members, int index) throws IOException, InterruptedException {
    faults.get(random.nextInt(faults.size())).strike(members, index);
    awaitWrite(members, index, "h/with");
  }

  private void killed(Members members, int index) throws IOException {
    members.kill(index);
    awaitWrite(members, (index + 1) % MEMBERS, "h/without");
    members.start(index);
  }

  private void paused(Members members, int index) throws IOException, InterruptedException {
    signal("-STOP", members.pid(index));
    try {
      awaitWrite(members, (index + 1) % MEMBERS, "h/without");
    } finally {
      signal("-CONT", members.pid(index));
    }
  }

  /** Another one, without its data, takes its place. */
  private void replaced(Members members, int index) throws IOException {
    Membership others = new Membership(members.endpoints(), (index + 1) % MEMBERS);
    others.remove(members.peerUrl(index));
    members.kill(index);
    members.forget(index);
    boolean learner = random.nextBoolean();
    others.add(members.peerUrl(index), learner);
    members.start(index);
    if (learner) {
      others.promote(members.peerUrl(index));
    }
  }

  /** Its clock is wrong by up to a day, until it jumps again. */
  private void jumped(Members members, int index) throws IOException {
    clocks.orElseThrow().set(index, Duration.ofSeconds(random.nextInt(-86_400, 86_400)));
    awaitWrite(members, (index + 1) % MEMBERS, "h/beside");
  }

  /** The others go on meanwhile; it may end by that, as etcd does. */
  private void full(Members members) throws IOException {
    SmallDisk small = disk.orElseThrow();
    small.fill();
    awaitWrite(members, 1, "h/without");
    small.makeRoom();
    awaitWrite(members, 0, "h/with-room", true);
  }

  /** As many as may be cut off, beginning with {@code index}. */
  private void cut(Members members, int index) throws IOException, InterruptedException {
    Namespaces cables = network.orElseThrow();
    int count = 1 + random.nextInt((MEMBERS - 1) / 2);
    for (int i = 0; i < count; i++) {
      cables.cut(1 + (index + i) % MEMBERS);
    }
    awaitWrite(members, (index + count) % MEMBERS, "h/without");
    for (int i = 0; i < count; i++) {
      cables.mend(1 + (index + i) % MEMBERS);
    }
  }

  private void flapping(Members members, int index) throws IOException, InterruptedException {
    Namespaces cables = network.orElseThrow();
    for (int i = 0; i < 8; i++) {
      cables.cut(1 + index);
      awaitSomeAnswers();
      cables.mend(1 + index);
      awaitSomeAnswers();
    }
  }

  /** A few revisions, or, where nobody is served, less time than an election takes. */
  private void awaitSomeAnswers() {
    long revision = observed.newest() + random.nextInt(40);
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(400);
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> observed.newest() >= revision || System.nanoTime() - deadline >= 0);
  }

  /** What it sends to the others is lost, while it hears them; clients reach it. */
  private void muted(Members members, int index) throws IOException, InterruptedException {
    Namespaces cables = network.orElseThrow();
    for (int other = 0; other < MEMBERS; other++) {
      if (other != index) {
        cables.mute(1 + index, 1 + other);
      }
    }
    awaitWrite(members, (index + 1) % MEMBERS, "h/without");
    for (int other = 0; other < MEMBERS; other++) {
      if (other != index) {
        cables.unmute(1 + index, 1 + other);
      }
    }
  }

  /** It can hardly keep up, if at all. */
  private void choked(Members members, int index) throws IOException, InterruptedException {
    Namespaces cables = network.orElseThrow();
    cables.choke(1 + index);
    for (int i = 0; i < 10; i++) {
      awaitSomeAnswers();
    }
    awaitWrite(members, (index + 1) % MEMBERS, "h/without");
    cables.release(1 + index);
  }

  /** Has a member lead, if the one that does will have it. */
  private static void lead(Members members, int index) {
    long id =
        ask(members, index, member -> member.status(StatusRequest.getDefaultInstance()))
            .getHeader()
            .getMemberId();
    MoveLeaderRequest request = MoveLeaderRequest.newBuilder().setTargetID(id).build();
    for (int i = 0; i < MEMBERS; i++) {
      try {
        var unused = ask(members, i, member -> member.moveLeader(request));
      } catch (StatusRuntimeException e) {
        // All but the leader refuse.
        assertThat(e.getStatus().getDescription()).isNotNull();
      }
    }
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    Commands.run(List.of("kill", signal, Long.toString(pid)));
  }

  /** Completes once the member has had a write acknowledged; returns its revision. */
  private long awaitWrite(Members members, int index, String key) {
    return awaitWrite(members, index, key, false);
  }

  /**
   * @param revive whether it is started again where it ends meanwhile
   */
  private long awaitWrite(Members members, int index, String key, boolean revive) {
    ManagedChannel channel = channel(members, index);
    try {
      return await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .ignoreExceptions()
          .until(
              () -> {
                if (revive && !members.isAlive(index)) {
                  members.start(index);
                }
                channel.resetConnectBackoff();
                return KVGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build())
                    .getHeader()
                    .getRevision();
              },
              revision -> revision > 0);
    } finally {
      channel.shutdownNow();
    }
  }

  private void check(Members members, long last) throws InterruptedException {
    assertThat(surprises).as("seed %d", seed).isEmpty();
    Watched watched = new Watched(members.endpoints());
    for (int attempt = 0; attempt < 20 && notThere(watched, last); attempt++) {
      watched.readOn(last);
    }
    NavigableMap<Long, Map<String, String>> history = watched.history();
    assertThat(history.lastKey()).as("seed %d", seed).isGreaterThanOrEqualTo(last);
    checkWrites(history);
    checkReads(history);
    checkCounter(history);
    checkHashes(members, last);
    checkLeases(members);
  }

  private static boolean notThere(Watched watched, long last) {
    return watched.history().isEmpty() || watched.history().lastKey() < last;
  }

  /** What was acknowledged is there, at that revision. */
  private void checkWrites(NavigableMap<Long, Map<String, String>> history) {
    assertThat(observed.writes).as("seed %d", seed).isNotEmpty();
    for (Observed.Written write : observed.writes) {
      assertThat(history.getOrDefault(write.revision(), Map.of()))
          .as("seed %d, %s", seed, write)
          .containsEntry(write.key(), write.value());
    }
  }

  /** A read is no older than what was told before it, and shows the value of its revision. */
  private void checkReads(NavigableMap<Long, Map<String, String>> history) {
    Map<String, TreeMap<Long, String>> byKey = new TreeMap<>();
    history.forEach(
        (revision, values) ->
            values.forEach(
                (key, value) ->
                    byKey.computeIfAbsent(key, unused -> new TreeMap<>()).put(revision, value)));
    for (Observed.Read read : observed.reads) {
      assertThat(read.revision())
          .as("seed %d, %s", seed, read)
          .isGreaterThanOrEqualTo(read.atLeast());
      Map.Entry<Long, String> then =
          byKey.getOrDefault(read.key(), new TreeMap<>()).floorEntry(read.revision());
      assertThat(then == null ? "" : then.getValue())
          .as("seed %d, %s", seed, read)
          .isEqualTo(read.value());
    }
  }

  /** One step at a time, each together with the other key of its transaction. */
  private void checkCounter(NavigableMap<Long, Map<String, String>> history) {
    long expected = 1;
    for (Map<String, String> values : history.values()) {
      String counter = values.get(Client.COUNTER);
      assertThat(counter != null).isEqualTo(values.containsKey(Client.COUNTER + "/by"));
      if (counter != null) {
        assertThat(counter).as("seed %d", seed).isEqualTo(Long.toString(expected++));
      }
    }
    assertThat(expected).as("seed %d", seed).isGreaterThan(1);
  }

  private void checkHashes(Members members, long revision) {
    Set<Integer> hashes = new HashSet<>();
    for (int i = 0; i < MEMBERS; i++) {
      awaitWrite(members, i, "h/hash");
      HashKVRequest request = HashKVRequest.newBuilder().setRevision(revision).build();
      hashes.add(ask(members, i, member -> member.hashKV(request).getHash()));
    }
    assertThat(hashes).as("seed %d", seed).hasSize(1);
  }

  /** Nobody keeps them any more. */
  private void checkLeases(Members members) {
    ByteString first = ByteString.copyFromUtf8(Tenant.PREFIX);
    ByteString end = ByteString.copyFromUtf8("lease0");
    RangeRequest all = RangeRequest.newBuilder().setKey(first).setRangeEnd(end).build();
    ManagedChannel channel = channel(members, 0);
    try {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(KVGrpc.newBlockingStub(channel).range(all).getKvsList())
                      .as("seed %d", seed)
                      .isEmpty());
    } finally {
      channel.shutdownNow();
    }
  }

  private static ManagedChannel channel(Members members, int index) {
    return NettyChannelBuilder.forTarget(members.endpoints().get(index)).usePlaintext().build();
  }

  private static <T> T ask(
      Members members, int index, Function<MaintenanceGrpc.MaintenanceBlockingStub, T> question) {
    ManagedChannel channel = channel(members, index);
    try {
      return question.apply(
          MaintenanceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS));
    } finally {
      channel.shutdownNow();
    }
  }
}
