package io.lodestone.conformance.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AuthEnableRequest;
import io.lodestone.api.etcdserverpb.AuthGrpc;
import io.lodestone.api.etcdserverpb.AuthRoleListRequest;
import io.lodestone.api.etcdserverpb.AuthStatusRequest;
import io.lodestone.api.etcdserverpb.AuthUserAddRequest;
import io.lodestone.api.etcdserverpb.AuthenticateRequest;
import io.lodestone.api.etcdserverpb.ClusterGrpc;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.DefragmentRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.MemberAddRequest;
import io.lodestone.api.etcdserverpb.MemberListRequest;
import io.lodestone.api.etcdserverpb.MemberPromoteRequest;
import io.lodestone.api.etcdserverpb.MemberRemoveRequest;
import io.lodestone.api.etcdserverpb.MemberUpdateRequest;
import io.lodestone.api.etcdserverpb.MoveLeaderRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.SnapshotRequest;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A learner of ours takes and refuses what a learner of stock etcd does, in the same words. */
@Timeout(240)
final class LearnerAnswersTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ByteString KEY = ByteString.copyFromUtf8("k");
  private static final RangeRequest READ = RangeRequest.newBuilder().setKey(KEY).build();
  private static final RangeRequest LOCAL_READ = READ.toBuilder().setSerializable(true).build();
  private static final PutRequest PUT = PutRequest.newBuilder().setKey(KEY).setValue(KEY).build();

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void whatALearnerAnswersIsWhatEtcdsAnswers() throws Exception {
    Map<String, String> etcds = answers("etcd", Optional.of(EtcdRelease.of("3.5")));
    assertThat(answers("ours", Optional.empty())).isEqualTo(etcds);
    assertThat(etcds.values()).as("what is taken, and what is not").hasSizeGreaterThan(20);
    assertThat(etcds).containsEntry("range, serializable", "OK");
    assertThat(etcds.get("put")).contains("rpc not supported for learner");
  }

  private Map<String, String> answers(String name, Optional<EtcdRelease> release)
      throws IOException {
    Path place = Files.createDirectory(folder.resolve(name));
    try (MemberProcesses members = MemberProcesses.startFounders(place, 1, 2, release)) {
      new Membership(members.endpoints(), 0).add(members.peerUrl(1), true);
      members.start(1);
      ManagedChannel learner =
          NettyChannelBuilder.forTarget(members.endpoints().get(1)).usePlaintext().build();
      try {
        awaitServing(learner);
        return new Calls(learner).all();
      } finally {
        learner.shutdownNow();
      }
    }
  }

  private static void awaitServing(ManagedChannel learner) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
        .until(
            () -> {
              learner.resetConnectBackoff();
              return MaintenanceGrpc.newBlockingStub(learner)
                  .withDeadlineAfter(10, TimeUnit.SECONDS)
                  .status(StatusRequest.getDefaultInstance())
                  .getIsLearner();
            });
  }

  /** Every kind of call, made once; remembers how each ended. */
  private static final class Calls {
    private static final long SECONDS = 20;
    private final ManagedChannel channel;
    private final Map<String, String> endings = new TreeMap<>();

    Calls(ManagedChannel channel) {
      this.channel = channel;
    }

    Map<String, String> all() {
      keys();
      leases();
      members();
      users();
      maintenance();
      return endings;
    }

    private void keys() {
      call("range", KVGrpc.getRangeMethod(), READ);
      call("range, serializable", KVGrpc.getRangeMethod(), LOCAL_READ);
      call("put", KVGrpc.getPutMethod(), PUT);
      call(
          "delete",
          KVGrpc.getDeleteRangeMethod(),
          DeleteRangeRequest.newBuilder().setKey(KEY).build());
      RequestOp put = RequestOp.newBuilder().setRequestPut(PUT).build();
      call("txn", KVGrpc.getTxnMethod(), TxnRequest.newBuilder().addSuccess(put).build());
      RequestOp local = RequestOp.newBuilder().setRequestRange(LOCAL_READ).build();
      call(
          "txn, serializable",
          KVGrpc.getTxnMethod(),
          TxnRequest.newBuilder().addSuccess(local).build());
      call(
          "compact",
          KVGrpc.getCompactMethod(),
          CompactionRequest.newBuilder().setRevision(1).build());
      WatchCreateRequest watch = WatchCreateRequest.newBuilder().setKey(KEY).build();
      call(
          "watch",
          WatchGrpc.getWatchMethod(),
          WatchRequest.newBuilder().setCreateRequest(watch).build());
    }

    private void leases() {
      call(
          "grant",
          LeaseGrpc.getLeaseGrantMethod(),
          LeaseGrantRequest.newBuilder().setTTL(60).build());
      call(
          "revoke",
          LeaseGrpc.getLeaseRevokeMethod(),
          LeaseRevokeRequest.newBuilder().setID(1).build());
      call(
          "time to live",
          LeaseGrpc.getLeaseTimeToLiveMethod(),
          LeaseTimeToLiveRequest.newBuilder().setID(1).build());
      call("leases", LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance());
      call(
          "keep alive",
          LeaseGrpc.getLeaseKeepAliveMethod(),
          LeaseKeepAliveRequest.newBuilder().setID(1).build());
    }

    private void members() {
      call("members", ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance());
      call(
          "members, linearizable",
          ClusterGrpc.getMemberListMethod(),
          MemberListRequest.newBuilder().setLinearizable(true).build());
      call(
          "member add",
          ClusterGrpc.getMemberAddMethod(),
          MemberAddRequest.newBuilder().addPeerURLs("http://127.0.0.1:1").build());
      call(
          "member remove",
          ClusterGrpc.getMemberRemoveMethod(),
          MemberRemoveRequest.newBuilder().setID(1).build());
      call(
          "member update",
          ClusterGrpc.getMemberUpdateMethod(),
          MemberUpdateRequest.newBuilder().setID(1).addPeerURLs("http://127.0.0.1:1").build());
      call(
          "member promote",
          ClusterGrpc.getMemberPromoteMethod(),
          MemberPromoteRequest.newBuilder().setID(1).build());
    }

    private void users() {
      call("auth status", AuthGrpc.getAuthStatusMethod(), AuthStatusRequest.getDefaultInstance());
      call("auth enable", AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.getDefaultInstance());
      call(
          "authenticate",
          AuthGrpc.getAuthenticateMethod(),
          AuthenticateRequest.newBuilder().setName("root").setPassword("root").build());
      call(
          "user add",
          AuthGrpc.getUserAddMethod(),
          AuthUserAddRequest.newBuilder().setName("root").setPassword("root").build());
      call("roles", AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance());
    }

    private void maintenance() {
      call("status", MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
      call("alarms", MaintenanceGrpc.getAlarmMethod(), AlarmRequest.getDefaultInstance());
      call("hash", MaintenanceGrpc.getHashMethod(), HashRequest.getDefaultInstance());
      call("hash of keys", MaintenanceGrpc.getHashKVMethod(), HashKVRequest.getDefaultInstance());
      call(
          "defragment",
          MaintenanceGrpc.getDefragmentMethod(),
          DefragmentRequest.getDefaultInstance());
      call(
          "move leader",
          MaintenanceGrpc.getMoveLeaderMethod(),
          MoveLeaderRequest.newBuilder().setTargetID(1).build());
      call("snapshot", MaintenanceGrpc.getSnapshotMethod(), SnapshotRequest.getDefaultInstance());
    }

    /** Until the first answer, or the end. */
    private <Q, A> void call(String name, MethodDescriptor<Q, A> method, Q request) {
      CompletableFuture<String> ending = new CompletableFuture<>();
      ClientCall<Q, A> call =
          channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(SECONDS, TimeUnit.SECONDS));
      StreamObserver<A> answers =
          new StreamObserver<>() {
            @Override
            public void onNext(A answer) {
              ending.complete("OK");
            }

            @Override
            public void onError(Throwable failure) {
              Status status = Status.fromThrowable(failure);
              ending.complete(status.getCode() + ": " + status.getDescription());
            }

            @Override
            public void onCompleted() {
              ending.complete("no answer");
            }
          };
      if (method.getType().clientSendsOneMessage()) {
        ClientCalls.asyncServerStreamingCall(call, request, answers);
      } else {
        ClientCalls.asyncBidiStreamingCall(call, answers).onNext(request);
      }
      endings.put(name, ending.join());
      call.cancel("it has answered", null);
    }
  }
}
