package io.lodestone.server.forward;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.server.proposal.Proposals;
import java.util.concurrent.CompletableFuture;

/**
 * A copy that follows another cluster: it proposes nothing, as a learner, and is as current as what
 * it has applied of its source. Thread-safe.
 */
public final class SourceProposals implements Proposals {
  private final Upstream source;
  private final Engine engine;

  public SourceProposals(Upstream source, Engine engine) {
    this.source = source;
    this.engine = engine;
  }

  @Override
  public CompletableFuture<Applied> propose(InternalRaftRequest request) {
    return CompletableFuture.failedFuture(new StoreException(ErrorCode.NOT_SUPPORTED_FOR_LEARNER));
  }

  @Override
  public CompletableFuture<Void> readBarrier() {
    return source.readBarrier();
  }

  @Override
  public long term() {
    return source.term();
  }

  @Override
  public long leader() {
    return source.leader();
  }

  @Override
  public boolean leads() {
    return false;
  }

  @Override
  public boolean learns() {
    return true;
  }

  @Override
  public CompletableFuture<Void> transferLeadership(long id) {
    return CompletableFuture.failedFuture(new StoreException(ErrorCode.NOT_LEADER));
  }

  @Override
  public long pending() {
    return 0;
  }

  @Override
  public long failed() {
    return 0;
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
