package io.lodestone.conformance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A member that takes over the leader's state is killed in the middle of that, starts again, and
 * becomes the leader's equal.
 */
@Timeout(240)
final class KilledTakeoverTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(30);
  private static final Duration MISSED_AFTER = Duration.ofSeconds(15);
  private static final int VICTIM = 1;
  private static final int ATTEMPTS = 4;
  private static final int VALUES = 96;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  /** What is on the victim's disk when it is killed. */
  private enum Moment {
    /** Part of the leader's state. */
    FETCHING,
    /** The victim's own state, which has just been moved out of the way. */
    REPLACING;

    boolean hasCome(Path data) throws IOException {
      return switch (this) {
        case FETCHING -> hasIncoming(data.resolve("raft").resolve("checkpoints"));
        case REPLACING -> Files.exists(data.resolve("store.replaced"));
      };
    }

    private static boolean hasIncoming(Path checkpoints) throws IOException {
      try (Stream<Path> found = Files.list(checkpoints)) {
        return found.anyMatch(path -> path.getFileName().toString().startsWith("incoming"));
      } catch (NoSuchFileException e) {
        return false; // a member that starts clears it
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void itBecomesTheLeadersEqual(Moment moment) throws Exception {
    try (MemberProcesses members = MemberProcesses.startFounders(folder, 1, 2, Optional.empty())) {
      write(members, VALUES);
      Membership changes = new Membership(members.endpoints(), 0);
      boolean killed = false;
      for (int attempt = 0; attempt < ATTEMPTS && !killed; attempt++) {
        changes.add(members.peerUrl(VICTIM), true);
        members.start(VICTIM);
        killed = killAt(moment, members);
        if (!killed) {
          members.kill(VICTIM);
          changes.remove(members.peerUrl(VICTIM));
          members.forget(VICTIM);
        }
      }
      assertThat(killed).as("it was killed at %s", moment).isTrue();
      members.start(VICTIM);
      changes.promote(members.peerUrl(VICTIM));
      awaitEqual(members);
      write(members, 1);
      awaitEqual(members);
    }
  }

  /** False where that moment was over before it was seen. */
  private boolean killAt(Moment moment, MemberProcesses members) throws IOException {
    Path data = folder.resolve("m" + VICTIM);
    boolean come =
        isSeen(Moment.FETCHING, data, STARTS_WITHIN)
            && (moment == Moment.FETCHING || isSeen(moment, data, MISSED_AFTER));
    if (come) {
      members.kill(VICTIM);
    }
    return come;
  }

  /** Looks without a pause: what is looked for may last for some milliseconds. */
  private static boolean isSeen(Moment moment, Path data, Duration patience) throws IOException {
    long giveUpAt = System.nanoTime() + patience.toNanos();
    boolean seen = moment.hasCome(data);
    while (!seen && System.nanoTime() < giveUpAt) {
      seen = moment.hasCome(data);
    }
    return seen;
  }

  private static void write(Members members, int values) throws IOException {
    Random random = new Random(5);
    byte[] value = new byte[1 << 20];
    ManagedChannel channel = channel(members, 0);
    try {
      for (int i = 0; i < values; i++) {
        random.nextBytes(value);
        PutRequest put =
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("key" + i))
                .setValue(ByteString.copyFrom(value))
                .build();
        var unused =
            KVGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .put(put);
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private static void awaitEqual(Members members) {
    ManagedChannel leader = channel(members, 0);
    ManagedChannel other = channel(members, VICTIM);
    try {
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
          .until(() -> state(leader).equals(state(other)));
    } finally {
      leader.shutdownNow();
      other.shutdownNow();
    }
  }

  private static String state(ManagedChannel channel) {
    channel.resetConnectBackoff();
    HashKVResponse state =
        MaintenanceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .hashKV(HashKVRequest.getDefaultInstance());
    return state.getHeader().getRevision() + " " + state.getHash();
  }

  private static ManagedChannel channel(Members members, int index) {
    return NettyChannelBuilder.forTarget(members.endpoints().get(index)).usePlaintext().build();
  }
}
