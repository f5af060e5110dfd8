package io.lodestone.raft.ratis;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * Ratis' gRPC, with a {@link PromptAppender} for each follower in the place of Ratis' own. Ratis
 * makes it by its class name.
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
    private final Set<PromptAppender> running = ConcurrentHashMap.newKeySet();
    private final LongAdder late = new LongAdder();
    private final PeerCalls calls;
    private final Duration heartbeat;
    private final Duration patience;
    private final BooleanSupplier more;

    /**
     * @param patience for an answer
     * @param more whether commands wait to become the log's next entry
     */
    Senders(PeerCalls calls, Duration heartbeat, Duration patience, BooleanSupplier more) {
      this.calls = calls;
      this.heartbeat = heartbeat;
      this.patience = patience;
      this.more = more;
    }

    /** Where Ratis' factory finds them. */
    void addTo(Parameters parameters) {
      parameters.put(SENDERS, this, Senders.class);
    }

    PeerCalls calls() {
      return calls;
    }

    Duration heartbeat() {
      return heartbeat;
    }

    Duration patience() {
      return patience;
    }

    /** Whether an entry is about to be written. */
    boolean moreComes() {
      return more.getAsBoolean();
    }

    /** A heartbeat went out later than it should have. */
    void beatLate() {
      late.increment();
    }

    /** How many heartbeats did. */
    long lateBeats() {
      return late.sum();
    }

    void begins(PromptAppender sender) {
      running.add(sender);
    }

    void ends(PromptAppender sender) {
      running.remove(sender);
    }

    /** To be called when a member passes on a command or a read. */
    void asked(long member) {
      to(member).forEach(PromptAppender::asked);
    }

    /** To be called when a member tells where this one leads. */
    void inPlace(CheckpointNotice.Content notice) {
      to(notice.member()).forEach(sender -> sender.inPlace(notice.index()));
    }

    private Stream<PromptAppender> to(long member) {
      return running.stream().filter(sender -> sender.member() == member);
    }
  }

  /** Makes {@link PromptAppender}s. */
  static final class Factory extends GrpcFactory {
    private final Senders senders;

    Factory(Parameters parameters, Senders senders) {
      super(parameters);
      this.senders = Objects.requireNonNull(senders);
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      return new PromptAppender(server, state, follower, senders);
    }
  }
}
