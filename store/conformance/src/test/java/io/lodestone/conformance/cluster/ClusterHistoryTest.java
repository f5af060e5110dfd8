package io.lodestone.conformance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
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

  /** The clients here need not be served while a fault lasts, only told the truth. */
  private final class Users implements Faults.Users {
    @Override
    public long answers() {
      return observed.newest();
    }

    @Override
    public void awaitService() {}
  }

  @Test
  void whatClientsAreToldIsOneHistory() throws Exception {
    System.out.println("seed of the cluster's history: " + seed);
    Optional<EtcdRelease> release =
        Optional.ofNullable(System.getProperty("lodestone.cluster.release")).map(EtcdRelease::of);
    try (Surroundings surroundings = Surroundings.asAskedFor(folder, MEMBERS);
        Members members = MemberProcesses.start(folder, MEMBERS, release, surroundings)) {
      Faults faults = new Faults(members, MEMBERS, surroundings, random, new Users());
      long first = faults.awaitWrite(0, "first");
      run(members, faults, Long.getLong("lodestone.cluster.soak", 25));
      long last = faults.awaitWrite(0, "last");
      assertThat(last).isGreaterThan(first);
      check(members, faults, last);
    }
  }

  private void run(Members members, Faults faults, long seconds)
      throws IOException, InterruptedException {
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
        strike(faults, random.nextInt(MEMBERS));
      }
    } finally {
      for (Client client : clients) {
        client.finish();
      }
      assertThat(tenant.finish()).as("seed %d", seed).isPositive();
    }
  }

  /** A minority at a time; each time the cluster has served again before the next. */
  private void strike(Faults faults, int index) throws IOException, InterruptedException {
    List<Faults.Fault> all = faults.all();
    all.get(random.nextInt(all.size())).strike(index);
    long unused = faults.awaitWrite(index, "with");
  }

  private void check(Members members, Faults faults, long last) throws InterruptedException {
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
    checkHashes(members, faults, last);
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

  private void checkHashes(Members members, Faults faults, long revision) {
    Set<Integer> hashes = new HashSet<>();
    for (int i = 0; i < MEMBERS; i++) {
      assertThat(faults.awaitWrite(i, "hash")).isGreaterThan(revision);
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
