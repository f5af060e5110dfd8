package io.lodestone.raft.ratis;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLogIOException;

/**
 * Ratis' gRPC with three differences. A leader that has nothing to send tells its followers at once
 * that an entry is committed; Ratis does so with the next heartbeat, half an election timeout
 * later, and until then a command that was proposed at a follower has no answer. And heartbeats
 * come as often as configured. And a leader that is told of a {@link CheckpointNotice} notifies
 * once more. Ratis makes it by its class name.
 */
public final class PromptRpc implements RpcType {
  private static final String SENDERS = "lodestone.senders";

  /** Made by Ratis. */
  public PromptRpc() {}

  @Override
  public String name() {
    return getClass().getName();
  }

  @Override
  public Factory newFactory(Parameters parameters) {
    return new Factory(parameters, parameters.get(SENDERS, Senders.class));
  }

  /** Those who send to the followers of one leader. Thread-safe. */
  static final class Senders {
    private final Duration heartbeat;
    private final Set<Sender> running = ConcurrentHashMap.newKeySet();

    Senders(Duration heartbeat) {
      this.heartbeat = heartbeat;
    }

    /** Where Ratis' factory finds them. */
    void addTo(Parameters parameters) {
      parameters.put(SENDERS, this, Senders.class);
    }

    /** To be called when an entry is committed. */
    void committed() {
      running.forEach(Sender::notifyLogAppender);
    }

    /** To be called when a member tells where this one leads. */
    void inPlace(CheckpointNotice.Content notice) {
      running.stream()
          .filter(sender -> Peers.id(sender.getFollowerId()) == notice.member())
          .forEach(sender -> sender.inPlace(notice.index()));
    }
  }

  /** Makes {@link Sender}s. */
  static final class Factory extends GrpcFactory {
    private final Senders senders;

    Factory(Parameters parameters, Senders senders) {
      super(parameters);
      this.senders = Objects.requireNonNull(senders);
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      return new Sender(server, state, follower, senders);
    }
  }

  /** Sends to one follower, on a thread of its own. */
  private static final class Sender extends GrpcLogAppender {
    private static final long ANSWER_MILLIS = 5;
    private static final long NONE = -1;

    private final Senders senders;
    private final AtomicLong inPlace = new AtomicLong(NONE);
    private volatile long told = -1;

    Sender(RaftServer.Division server, LeaderState state, FollowerInfo follower, Senders senders) {
      super(server, state, follower);
      this.senders = senders;
    }

    @Override
    public void run() throws IOException {
      senders.running.add(this);
      try {
        super.run();
      } finally {
        senders.running.remove(this);
      }
    }

    @Override
    public long getHeartbeatWaitTimeMs() {
      boolean news = getRaftLog().getLastCommittedIndex() > told && !hasAppendEntries();
      if (news && !hasPendingDataRequests()) {
        return 0;
      }
      long beat = senders.heartbeat.toMillis();
      long sinceAnswer = getFollower().getLastRpcResponseTime().elapsedTimeMs();
      long sinceHeartbeat = getFollower().getLastHeartbeatSendTime().elapsedTimeMs();
      long own = Math.max(beat - sinceAnswer, beat - sinceHeartbeat);
      if (news && own > 0) {
        // A heartbeat says nothing of commits while the follower has entries to answer for.
        own = Math.min(own, ANSWER_MILLIS);
      }
      return Math.min(own, super.getHeartbeatWaitTimeMs());
    }

    private void inPlace(long index) {
      inPlace.set(index);
      notifyLogAppender();
    }

    /**
     * As Ratis, but for an index that the follower does not take for its own. It takes up to one
     * before the first entry here for enough, which this leader cannot append to, since it no
     * longer knows that entry's term; and, once it has begun, no lower index than it began with.
     */
    @Override
    public TermIndex shouldNotifyToInstallSnapshot() {
      TermIndex due = super.shouldNotifyToInstallSnapshot();
      long index = Math.max(inPlace.getAndSet(NONE), due == null ? NONE : due.getIndex() + 1);
      return index == NONE
          ? null
          : TermIndex.valueOf(getServer().getInfo().getCurrentTerm(), index);
    }

    @Override
    public AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
        throws RaftLogIOException {
      AppendEntriesRequestProto request = super.newAppendEntriesRequest(callId, heartbeat);
      if (request != null) {
        told = request.getLeaderCommit();
      }
      return request;
    }
  }
}
