package io.lodestone.server.proposal;

import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.log.Applied;
import java.util.concurrent.CompletableFuture;

/** The way into the replicated log, and what is known about it. Thread-safe; never blocks. */
public interface Proposals {
  /**
   * Completes once {@code request} is committed, durable and applied here; on the thread that
   * applies, which must not be kept waiting. Fails with a {@link io.lodestone.api.StoreException}
   * (TOO_MANY_REQUESTS, TIMEOUT, STOPPED, NO_LEADER ...) where it was not; a refusal by the store
   * is a value, {@link Applied#refusal}.
   */
  CompletableFuture<Applied> propose(InternalRaftRequest request);

  /**
   * The same for what a leader does by itself: it comes to nothing, and fails with NOT_LEADER,
   * where this member does not lead or no longer leads when it is committed.
   */
  default CompletableFuture<Applied> proposeAsLeader(InternalRaftRequest request) {
    return propose(request);
  }

  /**
   * Completes once everything that was acknowledged to anyone before this call is visible in the
   * engine's view.
   */
  CompletableFuture<Void> readBarrier();

  long term();

  /** The id of the member that leads; 0 for none. */
  long leader();

  /** Whether this member leads. */
  boolean leads();

  /** Whether this is a copy without a vote, which says so in its status. */
  default boolean learns() {
    return false;
  }

  /** Hands leadership to another voter; completes once it leads. */
  CompletableFuture<Void> transferLeadership(long id);

  /** How often another member became leader, as seen from here. */
  default long leaderChanges() {
    return 1;
  }

  /** Heartbeats that this member, leading, sent late. */
  default long lateHeartbeats() {
    return 0;
  }

  /** Proposals that have no answer yet. */
  long pending();

  /** Proposals that failed without being applied. */
  long failed();

  long committedIndex();

  long appliedIndex();
}
