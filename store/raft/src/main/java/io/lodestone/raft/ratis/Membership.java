package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import io.lodestone.raft.Peer;
import io.lodestone.raft.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.TransferLeadershipException;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.util.ProtoUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes of the members and of the leader, as the leader does them. Thread-safe. */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
  private static final long SHORTEN_MILLIS = 60_000;

  private final RaftServer server;
  private final RaftGroupMemberId self;
  private final Division division;
  private final PeerCalls calls;
  private final Duration transferTime;
  private final ClientId client = ClientId.randomId();
  private final AtomicLong callIds = new AtomicLong();

  Membership(
      RaftServer server,
      RaftGroupMemberId self,
      Division division,
      PeerCalls calls,
      Duration transferTime) {
    this.server = server;
    this.self = self;
    this.division = division;
    this.calls = calls;
    this.transferTime = transferTime;
  }

  CompletableFuture<Void> change(List<Peer> peers) {
    calls.know(peers);
    SetConfigurationRequest.Arguments arguments =
        SetConfigurationRequest.Arguments.newBuilder()
            .setServersInNewConf(Peers.ratisPeers(peers, Peer.Vote.VOTER))
            .setListenersInNewConf(Peers.ratisPeers(peers, Peer.Vote.LEARNER))
            .build();
    SetConfigurationRequest request =
        new SetConfigurationRequest(
            client, self.getPeerId(), self.getGroupId(), callIds.incrementAndGet(), arguments);
    try {
      return outcome(server.setConfigurationAsync(request));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(failure(e));
    }
  }

  CompletableFuture<Void> transfer(long id) {
    if (id == Peers.id(self.getPeerId())) {
      return CompletableFuture.completedFuture(null);
    }
    return transfer(Peers.ratisId(id));
  }

  /** Leads no more; the others elect another leader. */
  void stepDown() {
    CompletableFuture<Void> stepped = transfer((RaftPeerId) null);
    logFailure(stepped, "this leader did not step down");
  }

  /**
   * Stands for election at once, as if {@code leader} had handed over to this member.
   *
   * @param last the last entry of this member's log
   * @throws IOException if this member is being closed
   */
  void succeed(long leader, TermIndex last) throws IOException {
    RaftRpcRequestProto header =
        RaftRpcRequestProto.newBuilder()
            .setRequestorId(Peers.ratisId(leader).toByteString())
            .setReplyId(self.getPeerId().toByteString())
            .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(self.getGroupId()))
            .setCallId(callIds.incrementAndGet())
            .build();
    server.startLeaderElection(
        StartLeaderElectionRequestProto.newBuilder()
            .setServerRequest(header)
            .setLeaderLastEntry(last.toProto())
            .build());
  }

  /** Null for whoever is elected. */
  private CompletableFuture<Void> transfer(RaftPeerId leader) {
    TransferLeadershipRequest request =
        new TransferLeadershipRequest(
            client,
            self.getPeerId(),
            self.getGroupId(),
            callIds.incrementAndGet(),
            leader,
            transferTime.toMillis());
    try {
      return outcome(server.transferLeadershipAsync(request));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(failure(e));
    }
  }

  static void logFailure(CompletableFuture<Void> work, String message) {
    var unused =
        work.whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                LOG.atWarn().setCause(failure).log(message);
              }
            });
  }

  /** Has Ratis store how far the state is on disk, and forget what is long before. */
  void shortenLog() {
    SnapshotManagementRequest request =
        SnapshotManagementRequest.newCreate(
            client,
            self.getPeerId(),
            self.getGroupId(),
            callIds.incrementAndGet(),
            SHORTEN_MILLIS,
            1);
    logFailure(outcome(server.snapshotManagementAsync(request)), "the log was not shortened");
  }

  private static CompletableFuture<Void> outcome(CompletableFuture<RaftClientReply> replied) {
    return replied.handle(
        (reply, thrown) -> {
          if (thrown != null) {
            throw failure(thrown);
          }
          if (!reply.isSuccess()) {
            throw failure(reply.getException());
          }
          return null;
        });
  }

  private static ConsensusException failure(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return new ConsensusException(reason(cause), String.valueOf(cause.getMessage()), cause);
  }

  private static Reason reason(Throwable cause) {
    if (cause instanceof LeaderNotReadyException || cause instanceof LeaderSteppingDownException) {
      return Reason.NO_LEADER;
    }
    if (cause instanceof ReconfigurationInProgressException) {
      return Reason.CHANGE_IN_PROGRESS;
    }
    if (cause instanceof ReconfigurationTimeoutException) {
      return Reason.NO_PROGRESS;
    }
    boolean open =
        cause instanceof NotLeaderException || cause instanceof TransferLeadershipException;
    return open ? Reason.TIMED_OUT : Reason.REFUSED;
  }

  /** Of the others, where this member leads; empty where it does not. */
  List<Progress> progress() {
    DivisionInfo info = division.info();
    long[] matches = info.getFollowerMatchIndices();
    if (matches == null) {
      return List.of();
    }
    List<ServerRpcProto> followers = info.getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
    List<Progress> progress = new ArrayList<>();
    for (int i = 0; i < Math.min(matches.length, followers.size()); i++) {
      ServerRpcProto follower = followers.get(i);
      long id = Peers.peer(follower.getId(), Peer.Vote.VOTER).id();
      Duration contact = Duration.ofMillis(follower.getLastRpcElapsedTimeMs());
      progress.add(new Progress(id, matches[i], contact));
    }
    return progress;
  }
}
