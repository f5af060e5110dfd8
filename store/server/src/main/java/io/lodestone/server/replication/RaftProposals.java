package io.lodestone.server.replication;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.raft.Consensus;
import io.lodestone.raft.ConsensusException;
import io.lodestone.server.proposal.Proposals;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.LongAdder;

/**
 * The log of a cluster, with its failures in etcd's words. Before {@link #begin} there is no leader
 * and nothing can be proposed. Thread-safe.
 */
public final class RaftProposals implements Proposals {
  private final ReplicatedEngine engine;
  private final long memberId;
  private final Duration electionTimeout;
  private final LongAdder failed = new LongAdder();
  private final LongAdder leaderChanges = new LongAdder();
  private volatile Optional<Consensus<Applied>> consensus = Optional.empty();

  /** By the clock of {@link System#nanoTime}. */
  private volatile long leaderSinceNanos = System.nanoTime();

  private volatile long newestLeader;

  public RaftProposals(ReplicatedEngine engine, long memberId, Duration electionTimeout) {
    this.engine = engine;
    this.memberId = memberId;
    this.electionTimeout = electionTimeout;
  }

  /** From now on {@code running} takes what is proposed. */
  public void begin(Consensus<Applied> running) {
    consensus = Optional.of(running);
  }

  /** What takes what is proposed; empty before {@link #begin}. */
  public Optional<Consensus<Applied>> consensus() {
    return consensus;
  }

  /** Another member leads; 0 for none. */
  public void leaderChanged(long leader) {
    if (leader != 0 && leader != newestLeader) {
      newestLeader = leader;
      leaderSinceNanos = System.nanoTime();
      leaderChanges.increment();
    }
  }

  @Override
  public CompletableFuture<Applied> propose(InternalRaftRequest request) {
    return propose(new Command.Request(request));
  }

  @Override
  public CompletableFuture<Applied> proposeAsLeader(InternalRaftRequest request) {
    long term = term();
    return leads()
        ? propose(new Command.OfLeader(term, request))
        : CompletableFuture.failedFuture(new StoreException(ErrorCode.NOT_LEADER));
  }

  /** The same for a change of members; completes once it is applied here. */
  public CompletableFuture<Applied> propose(Command command) {
    if (engine.engine().diskFull()) {
      return CompletableFuture.failedFuture(new StoreException(ErrorCode.DISK_FULL));
    }
    long began = System.nanoTime();
    return running(log -> log.propose(command.encoded()), began)
        .whenComplete(
            (applied, failure) -> {
              if (failure != null) {
                failed.increment();
              }
            });
  }

  @Override
  public CompletableFuture<Void> readBarrier() {
    return running(Consensus::readBarrier, System.nanoTime());
  }

  /** Hands leadership to the voter {@code id}. */
  @Override
  public CompletableFuture<Void> transferLeadership(long id) {
    return running(log -> log.transferLeadership(id), System.nanoTime());
  }

  /** Something to ask of the consensus. */
  private interface Call<T> {
    CompletableFuture<T> on(Consensus<Applied> consensus);
  }

  private <T> CompletableFuture<T> running(Call<T> call, long beganNanos) {
    return consensus
        .map(call::on)
        .orElseGet(() -> CompletableFuture.failedFuture(new StoreException(ErrorCode.NO_LEADER)))
        .exceptionally(
            failure -> {
              throw inWordsOfEtcd(failure, beganNanos);
            });
  }

  private RuntimeException inWordsOfEtcd(Throwable failure, long beganNanos) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof ConsensusException known) {
      ErrorCode code = code(known.reason(), beganNanos);
      return new StoreException(code, code.text(), "", known);
    }
    return cause instanceof RuntimeException unchecked ? unchecked : new CompletionException(cause);
  }

  private ErrorCode code(ConsensusException.Reason reason, long beganNanos) {
    return switch (reason) {
      case NO_LEADER, TIMED_OUT, NO_PROGRESS -> timeout(beganNanos);
      case STOPPED -> ErrorCode.STOPPED;
      case TOO_MANY_REQUESTS -> ErrorCode.TOO_MANY_REQUESTS;
      case CHANGE_IN_PROGRESS, REFUSED -> ErrorCode.UNHEALTHY;
    };
  }

  /** etcd blames the leader before where there is a new one that came while the request waited. */
  private ErrorCode timeout(long beganNanos) {
    long lost = leaderSinceNanos - electionTimeout.multipliedBy(2).toNanos();
    return beganNanos - lost > 0 && beganNanos - leaderSinceNanos < 0
        ? ErrorCode.TIMEOUT_LEADER_FAILURE
        : ErrorCode.TIMEOUT;
  }

  @Override
  public long term() {
    return consensus.map(Consensus::term).orElse(0L);
  }

  @Override
  public long leader() {
    return consensus.map(Consensus::leader).orElse(0L);
  }

  @Override
  public boolean leads() {
    return consensus.map(Consensus::leads).orElse(false);
  }

  @Override
  public boolean learns() {
    return engine.engine().members().all().stream()
        .anyMatch(member -> member.getID() == memberId && member.getIsLearner());
  }

  @Override
  public long leaderChanges() {
    return leaderChanges.sum();
  }

  @Override
  public long lateHeartbeats() {
    return consensus.map(Consensus::lateHeartbeats).orElse(0L);
  }

  @Override
  public long pending() {
    return consensus.map(Consensus::pending).orElse(0L);
  }

  @Override
  public long failed() {
    return failed.sum();
  }

  @Override
  public long committedIndex() {
    return consensus.map(Consensus::committedIndex).orElse(0L);
  }

  @Override
  public long appliedIndex() {
    return consensus.map(Consensus::appliedIndex).orElse(0L);
  }
}
