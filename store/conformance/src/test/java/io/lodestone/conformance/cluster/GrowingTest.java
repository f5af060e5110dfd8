package io.lodestone.conformance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.KVGrpc.KVBlockingStub;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.MemberAddRequest;
import io.lodestone.api.etcdserverpb.MemberAddResponse;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A lone member to which another one is added is killed at any moment of the change, under a client
 * that writes: nothing that was acknowledged is lost, it serves again, and takes the other one.
 */
@Timeout(240)
final class GrowingTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ByteString KEY = ByteString.copyFromUtf8("h/count");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  /** When the member is killed: as soon as it is asked, this is on its disk, or it has answered. */
  private enum Moment {
    ASKED(""),
    DIRECTORY("raft"),
    POSITION("raft/position"),
    LOG("raft/*/current"),
    ADDED("");

    private final String file;

    Moment(String file) {
      this.file = file;
    }

    boolean hasCome(Path folder, Future<MemberAddResponse> addition) throws IOException {
      return switch (this) {
        case ASKED -> true;
        case ADDED -> addition.isDone();
        default -> isThere(folder.resolve("m0"));
      };
    }

    private boolean isThere(Path data) throws IOException {
      if (!file.contains("*")) {
        return Files.exists(data.resolve(file));
      }
      if (!Files.exists(data.resolve("raft"))) {
        return false;
      }
      try (Stream<Path> logs = Files.list(data.resolve("raft"))) {
        return logs.anyMatch(log -> Files.exists(log.resolve("current")));
      }
    }
  }

  /** Counts up, and knows how far that was acknowledged. A thread. */
  private static final class Counter extends Thread {
    private final KVBlockingStub member;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicBoolean stopping = new AtomicBoolean();

    private Counter(ManagedChannel channel) {
      super("counter");
      this.member = KVGrpc.newBlockingStub(channel);
    }

    @Override
    public void run() {
      long next = 1;
      while (!stopping.get()) {
        try {
          PutRequest put =
              PutRequest.newBuilder()
                  .setKey(KEY)
                  .setValue(ByteString.copyFromUtf8(Long.toString(next)))
                  .build();
          var unused = member.withDeadlineAfter(30, TimeUnit.SECONDS).put(put);
          acknowledged.set(next++);
        } catch (StatusRuntimeException e) {
          // The member is dead, and stays so until this has ended.
          return;
        }
      }
    }

    private void finish() throws InterruptedException {
      stopping.set(true);
      join();
    }
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void aMemberThatIsKilledWhileItGrowsLosesNothing(Moment moment) throws Exception {
    try (MemberProcesses members = MemberProcesses.startFounders(folder, 1, 2, Optional.empty())) {
      long counted = growUntilKilled(members, moment);
      members.start(0);
      assertThat(awaitCount(members, 0)).isGreaterThanOrEqualTo(counted);

      new Membership(members.endpoints(), 0).add(members.peerUrl(1), false);
      members.start(1);
      assertThat(awaitCount(members, 1)).isGreaterThanOrEqualTo(counted);
      assertThat(hash(members, 1)).isEqualTo(hash(members, 0));
    }
  }

  /** How far the count was acknowledged. */
  private long growUntilKilled(MemberProcesses members, Moment moment) throws Exception {
    ManagedChannel channel = channel(members, 0);
    Counter counter = new Counter(channel);
    try {
      long unused = awaitCount(members, 0);
      counter.start();
      await().atMost(PATIENCE).until(() -> counter.acknowledged.get() > 20);
      MemberAddRequest request =
          MemberAddRequest.newBuilder().addPeerURLs(members.peerUrl(1)).build();
      Future<MemberAddResponse> addition = ClusterGrpc.newFutureStub(channel).memberAdd(request);
      await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> moment.hasCome(folder, addition));
      if (moment == Moment.ADDED) {
        long before = counter.acknowledged.get();
        await().atMost(PATIENCE).until(() -> counter.acknowledged.get() > before + 20);
      }
      assertThat(counter.isAlive()).as("whoever writes is kept waiting at most").isTrue();
      members.kill(0);
      return counter.acknowledged.get();
    } finally {
      counter.finish();
      channel.shutdownNow();
    }
  }

  private static ManagedChannel channel(Members members, int index) {
    return NettyChannelBuilder.forTarget(members.endpoints().get(index)).usePlaintext().build();
  }

  /** Once the member answers; 0 where nothing was counted. */
  private static long awaitCount(Members members, int index) {
    ManagedChannel channel = channel(members, index);
    try {
      return await()
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
          .until(
              () -> {
                channel.resetConnectBackoff();
                var found =
                    KVGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(10, TimeUnit.SECONDS)
                        .range(RangeRequest.newBuilder().setKey(KEY).build());
                return found.getCount() == 0
                    ? 0
                    : Long.parseLong(found.getKvs(0).getValue().toStringUtf8());
              },
              count -> true);
    } finally {
      channel.shutdownNow();
    }
  }

  private static int hash(Members members, int index) {
    ManagedChannel channel = channel(members, index);
    try {
      return MaintenanceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(30, TimeUnit.SECONDS)
          .hashKV(HashKVRequest.getDefaultInstance())
          .getHash();
    } finally {
      channel.shutdownNow();
    }
  }
}
