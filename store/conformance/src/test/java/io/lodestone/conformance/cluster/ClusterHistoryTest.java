package io.lodestone.conformance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.peers.Commands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Members are killed and paused under clients that write, read, and compare and swap, at any
 * member. Afterwards all they were told must be one history: that which a watch tells, and which
 * every member has. A long run: {@code -Dlodestone.cluster.soak=SECONDS}.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
final class ClusterHistoryTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int MEMBERS = 3;
  private static final int CLIENTS = 4;

  @TempDir Path folder;

  private final long seed = Long.getLong("lodestone.cluster.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Observed observed = new Observed();
  private final ConcurrentLinkedQueue<Throwable> surprises = new ConcurrentLinkedQueue<>();

  @Test
  void whatClientsAreToldIsOneHistory() throws Exception {
    System.out.println("seed of the cluster's history: " + seed);
    long seconds = Long.getLong("lodestone.cluster.soak", 25);
    try (Members members = OurMembers.start(folder, MEMBERS)) {
      awaitWrite(members, 0, "h/first");
      List<Client> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(new Client(i, members.endpoints(), observed, surprises, seed));
      }
      try {
        clients.forEach(Thread::start);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end) {
          hurt(members, random.nextInt(MEMBERS));
        }
      } finally {
        for (Client client : clients) {
          client.finish();
        }
      }
      long last = awaitWrite(members, 0, "h/last");
      check(members, last);
    }
  }

  /** One member at a time; each time the cluster has served again before the next. */
  private void hurt(Members members, int index) throws IOException, InterruptedException {
    if (random.nextBoolean()) {
      members.kill(index);
      awaitWrite(members, (index + 1) % MEMBERS, "h/without");
      members.start(index);
    } else {
      signal("-STOP", members.pid(index));
      try {
        awaitWrite(members, (index + 1) % MEMBERS, "h/without");
      } finally {
        signal("-CONT", members.pid(index));
      }
    }
    awaitWrite(members, index, "h/with");
  }

  private static void signal(String signal, long pid) throws IOException, InterruptedException {
    Commands.run(List.of("kill", signal, Long.toString(pid)));
  }

  /** Completes once the member has had a write acknowledged; returns its revision. */
  private long awaitWrite(Members members, int index, String key) {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(members.endpoints().get(index)).usePlaintext().build();
    try {
      return await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .ignoreExceptions()
          .until(
              () -> {
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
      ManagedChannel channel =
          NettyChannelBuilder.forTarget(members.endpoints().get(i)).usePlaintext().build();
      try {
        hashes.add(
            MaintenanceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .hashKV(HashKVRequest.newBuilder().setRevision(revision).build())
                .getHash());
      } finally {
        channel.shutdownNow();
      }
    }
    assertThat(hashes).as("seed %d", seed).hasSize(1);
  }
}
