package io.lodestone.conformance.cluster;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.KVGrpc.KVBlockingStub;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Of three members, one may be killed in the moment in which they have come to be three voters, as
 * far as anyone can see; and who is no member any more ends. Ours and stock etcd's.
 */
@Timeout(240)
final class CountedMembersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ByteString KEY = ByteString.copyFromUtf8("k");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  static Stream<Optional<EtcdRelease>> programs() {
    return Stream.of(Optional.empty(), Optional.of(EtcdRelease.of("3.5")));
  }

  @ParameterizedTest
  @MethodSource("programs")
  void onceItIsPromotedAnotherMayFail(Optional<EtcdRelease> release) throws Exception {
    try (MemberProcesses members = MemberProcesses.startFounders(folder, 2, 3, release)) {
      Membership changes = new Membership(members.endpoints(), 0);
      changes.add(members.peerUrl(2), true);
      members.start(2);
      changes.promote(members.peerUrl(2));
      members.kill(1);
      assertTakesWrites(members);
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void onceItServesAnotherMayFail(Optional<EtcdRelease> release) throws Exception {
    try (MemberProcesses members = MemberProcesses.startFounders(folder, 2, 3, release)) {
      new Membership(members.endpoints(), 0).add(members.peerUrl(2), false);
      members.start(2);
      awaitServing(members, 2);
      members.kill(1);
      assertTakesWrites(members);
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void onceItIsRemovedAnotherMayFail(Optional<EtcdRelease> release) throws Exception {
    try (MemberProcesses members = MemberProcesses.startFounders(folder, 4, 4, release)) {
      killAndRemoveLast(members);
      members.kill(1);
      assertTakesWrites(members);
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void oneThatWasRemovedWhileItWasDownEndsWhenItIsBack(Optional<EtcdRelease> release)
      throws Exception {
    try (MemberProcesses members = MemberProcesses.startFounders(folder, 3, 3, release)) {
      killAndRemoveLast(members);
      members.start(2);
      await().atMost(PATIENCE).until(() -> !members.isAlive(2));
      assertTakesWrites(members);
    }
  }

  /** Others can be removed only while they are known to serve. */
  private static void killAndRemoveLast(MemberProcesses members) {
    int last = members.endpoints().size() - 1;
    for (int i = 0; i <= last; i++) {
      awaitServing(members, i);
    }
    members.kill(last);
    new Membership(members.endpoints(), 0).remove(members.peerUrl(last));
  }

  private static void awaitServing(MemberProcesses members, int index) {
    ask(members, index, kv -> kv.range(RangeRequest.newBuilder().setKey(KEY).build()));
  }

  private static void assertTakesWrites(MemberProcesses members) {
    PutRequest put = PutRequest.newBuilder().setKey(KEY).setValue(KEY).build();
    ask(members, 0, kv -> kv.put(put));
  }

  private interface Call {
    Object of(KVBlockingStub kv);
  }

  /** Again and again, at short intervals, until it is answered. */
  private static void ask(MemberProcesses members, int index, Call call) {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(members.endpoints().get(index)).usePlaintext().build();
    try {
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(10))
          .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
          .until(
              () -> {
                channel.resetConnectBackoff();
                KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
                return call.of(kv.withDeadlineAfter(10, TimeUnit.SECONDS)) != null;
              });
    } finally {
      channel.shutdownNow();
    }
  }
}
