package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.raft.Peer;
import io.lodestone.raft.RaftConfig.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A leader's old stream and its new one bring the same entries at the same time, as a member finds
 * them that was stopped in between.
 */
final class AppendStreamsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long SELF = 1;
  private static final long LEADER = 2;
  private static final long TERM = 9;
  private static final int ENTRIES = 4_000;

  @TempDir Path directory;

  @Test
  void entriesThatComeTwiceAtOnceAreAppendedOnceAndInOrder() throws Exception {
    List<Peer> voters = TestCluster.voters(3);
    Peer self = voters.get(0);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (TestCluster cluster = TestCluster.of(0, directory);
        PeerCalls before = new PeerCalls(Optional.empty(), PATIENCE);
        PeerCalls after = new PeerCalls(Optional.empty(), PATIENCE)) {
      TestCluster.Member member = cluster.start(self, Start.NEW, voters);
      List<Future<List<AppendResult>>> sent = new ArrayList<>();
      for (PeerCalls calls : List.of(before, after)) {
        sent.add(threads.submit(() -> appendAll(calls, self)));
      }
      for (Future<List<AppendResult>> results : sent) {
        assertThat(results.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
            .hasSize(ENTRIES)
            .containsOnly(AppendResult.SUCCESS);
      }
      assertThat(member.consensus.division().lastEntry())
          .contains(TermIndex.valueOf(TERM, ENTRIES));
      assertThat(member.stopped).isNotDone();
    } finally {
      threads.shutdownNow();
    }
  }

  /** Sends them all without a pause, an entry at a time; returns what came of each. */
  private static List<AppendResult> appendAll(PeerCalls calls, Peer to) throws Exception {
    Replies replies = new Replies();
    StreamObserver<AppendEntriesRequestProto> stream =
        calls.stream(to, RaftServerProtocolServiceGrpc.getAppendEntriesMethod(), replies);
    for (int index = 1; index <= ENTRIES; index++) {
      stream.onNext(append(index));
    }
    return replies.all.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static final class Replies implements StreamObserver<AppendEntriesReplyProto> {
    final CompletableFuture<List<AppendResult>> all = new CompletableFuture<>();
    private final List<AppendResult> results = new ArrayList<>();

    @Override
    public void onNext(AppendEntriesReplyProto reply) {
      results.add(reply.getResult());
      if (results.size() == ENTRIES) {
        all.complete(results);
      }
    }

    @Override
    public void onError(Throwable failure) {
      all.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}
  }

  /** The entry at {@code index}, behind what every member of a new cluster begins with. */
  private static AppendEntriesRequestProto append(int index) {
    UUID group = new UUID(TestCluster.CLUSTER, TestCluster.CLUSTER);
    return AppendEntriesRequestProto.newBuilder()
        .setServerRequest(
            RaftRpcRequestProto.newBuilder()
                .setRequestorId(Peers.ratisId(LEADER).toByteString())
                .setReplyId(Peers.ratisId(SELF).toByteString())
                .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(RaftGroupId.valueOf(group)))
                .setCallId(index))
        .setLeaderTerm(TERM)
        .setPreviousLog(
            TermIndexProto.newBuilder().setTerm(index == 1 ? 1 : TERM).setIndex(index - 1))
        .addEntries(
            LogEntryProto.newBuilder()
                .setTerm(TERM)
                .setIndex(index)
                .setStateMachineLogEntry(
                    StateMachineLogEntryProto.newBuilder()
                        .setLogData(ByteString.copyFromUtf8("never applied"))
                        .setClientId(ByteString.copyFrom(new byte[16]))
                        .setCallId(index)))
        .build();
  }
}
