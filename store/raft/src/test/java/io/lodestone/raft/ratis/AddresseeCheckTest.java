package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.raft.Peer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new member has the address of one that was removed, to which the leader still talks. */
class AddresseeCheckTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long REMOVED = 99;

  @TempDir Path directory;

  @Test
  void whatIsMeantForTheMemberBeforeIsRefused() throws Exception {
    Peer self = TestCluster.voters(1).get(0);
    try (TestCluster cluster = TestCluster.of(0, directory);
        PeerCalls calls = new PeerCalls(Optional.empty(), PATIENCE)) {
      cluster.join(self);

      assertThat(append(calls, self, REMOVED)).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(vote(calls, self, REMOVED)).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(vote(calls, self, self.id())).isNotEqualTo(Status.Code.FAILED_PRECONDITION);
    }
  }

  private static RaftRpcRequestProto to(long addressee) {
    return RaftRpcRequestProto.newBuilder()
        .setRequestorId(Peers.ratisId(7).toByteString())
        .setReplyId(Peers.ratisId(addressee).toByteString())
        .build();
  }

  private static Status.Code vote(PeerCalls calls, Peer at, long addressee) throws Exception {
    RequestVoteRequestProto request =
        RequestVoteRequestProto.newBuilder().setServerRequest(to(addressee)).build();
    return calls
        .call(at, RaftServerProtocolServiceGrpc.getRequestVoteMethod(), request, PATIENCE)
        .handle((reply, failure) -> Status.fromThrowable(failure).getCode())
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static Status.Code append(PeerCalls calls, Peer at, long addressee) throws Exception {
    CompletableFuture<Status.Code> ended = new CompletableFuture<>();
    StreamObserver<AppendEntriesReplyProto> replies =
        new StreamObserver<>() {
          @Override
          public void onNext(AppendEntriesReplyProto reply) {
            ended.complete(Status.Code.OK);
          }

          @Override
          public void onError(Throwable failure) {
            ended.complete(Status.fromThrowable(failure).getCode());
          }

          @Override
          public void onCompleted() {}
        };
    calls.stream(at, RaftServerProtocolServiceGrpc.getAppendEntriesMethod(), replies)
        .onNext(AppendEntriesRequestProto.newBuilder().setServerRequest(to(addressee)).build());
    return ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
