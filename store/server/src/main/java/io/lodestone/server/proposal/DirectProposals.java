package io.lodestone.server.proposal;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.direct.DirectLog;
import io.lodestone.mvcc.log.Applied;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/**
 * One member alone: it leads, and what it has acknowledged is what its engine shows. Thread-safe.
 */
public final class DirectProposals implements Proposals {
  private static final CompletableFuture<Void> NOW = CompletableFuture.completedFuture(null);

  private final DirectLog log;
  private final Engine engine;
  private final long memberId;
  private final LongAdder pending = new LongAdder();
  private final LongAdder failed = new LongAdder();

  public DirectProposals(DirectLog log, Engine engine, long memberId) {
    this.log = log;
    this.engine = engine;
    this.memberId = memberId;
  }

  @Override
  public CompletableFuture<Applied> propose(InternalRaftRequest request) {
    pending.increment();
    return log.propose(request).whenComplete(this::answered);
  }

  private void answered(Applied applied, Throwable failure) {
    pending.decrement();
    if (failure != null) {
      failed.increment();
    }
  }

  @Override
  public CompletableFuture<Void> readBarrier() {
    return NOW;
  }

  @Override
  public long term() {
    return log.term();
  }

  @Override
  public long leader() {
    return memberId;
  }

  @Override
  public boolean leads() {
    return true;
  }

  @Override
  public CompletableFuture<Void> transferLeadership(long id) {
    return id == memberId
        ? NOW
        : CompletableFuture.failedFuture(new StoreException(ErrorCode.BAD_LEADER_TRANSFEREE));
  }

  @Override
  public long pending() {
    return pending.sum();
  }

  @Override
  public long failed() {
    return failed.sum();
  }

  @Override
  public long committedIndex() {
    return engine.appliedIndex();
  }

  @Override
  public long appliedIndex() {
    return engine.appliedIndex();
  }
}
