package io.lodestone.raft;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One member's part in a cluster that agrees on one sequence of commands, as its state answers them
 * with an {@code R}. Thread-safe; nothing here waits except {@link #close}.
 *
 * <p>Every future fails with a {@link ConsensusException}. Positions come in two kinds that must
 * not be mixed: {@link #committedIndex} and {@link #appliedIndex} count entries of the log, each of
 * which carries any number of commands; {@link ReplicatedState#appliedIndex} counts commands.
 */
public interface Consensus<R> extends AutoCloseable {
  /**
   * Has {@code command} committed and applied, whoever leads; completes once it is applied here, on
   * the thread that applies, with what the state here returned. The content of {@code command} must
   * not change any more.
   *
   * <p>It is applied at most once, on every member or on none. Failed with TIMED_OUT, or with
   * STOPPED, it may still be applied, now or later; with NO_LEADER or TOO_MANY_REQUESTS it never
   * is.
   */
  CompletableFuture<R> propose(ByteBuffer command);

  /**
   * Completes once everything that was acknowledged to anyone before this call is applied here. A
   * majority has been heard meanwhile; calls that wait share one round. Also on a learner. On the
   * network's thread or the one that applies, which must not be kept waiting.
   */
  CompletableFuture<Void> readBarrier();

  /** The newest term this member has seen. */
  long term();

  /** The id of the member that leads, as far as is known here; 0 for none. */
  long leader();

  /** Whether this member leads and has committed an entry of its term. */
  boolean leads();

  /** The last entry of the log that is known here to be committed. */
  long committedIndex();

  /** The last entry of the log that is applied here. */
  long appliedIndex();

  /** Commands proposed here that have no answer yet. */
  long pending();

  /** Heartbeats that this member, leading, sent more than twice as late as it should have. */
  long lateHeartbeats();

  /** The members, as of the newest configuration that is known here. */
  List<Peer> peers();

  /**
   * Makes {@code peers} the members, all at once: it adds, removes, promotes a learner, changes
   * addresses; whoever is missing, be it the leader or this member, is removed. From any member.
   * Completes once the new configuration is committed. A new voter takes part only after it has
   * caught up. Fails with CHANGE_IN_PROGRESS while another change is under way, and with
   * NO_PROGRESS where a new member cannot be reached. A member's new address is used at once by the
   * leader that makes the change, and by each of the others from its next start on.
   *
   * <p>A new member's own configuration must say that it joins: {@link RaftConfig.Start}.
   */
  CompletableFuture<Void> change(List<Peer> peers);

  /**
   * Hands leadership to the voter {@code id}, which catches up first. From any member. Completes
   * once it leads; fails with TIMED_OUT where it did not come to it.
   */
  CompletableFuture<Void> transferLeadership(long id);

  /** What the leader knows of every other member; empty where this member does not lead. */
  List<Progress> progress();

  /**
   * Asks the member {@code id}, which may be this one, something outside the log; {@link
   * ConsensusListener#answer} answers there. Up to 1 MiB both ways. Fails with REFUSED where the
   * other does, or is no member, and with TIMED_OUT where nobody answers.
   */
  CompletableFuture<ByteBuffer> ask(long id, ByteBuffer question);

  /**
   * Stops taking part; what is proposed and has no answer fails with STOPPED. Leaves the state
   * open.
   */
  @Override
  void close();
}
