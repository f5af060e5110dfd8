package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Read barriers of this member: ask the leader, be it here or there, for its {@link ReadIndex},
 * wait until that is applied here; where there is no answer, ask again until the time is up.
 * Thread-safe.
 */
final class Reads {
  private final Supplier<Route> leader;
  private final ReadIndex here;
  private final PeerCalls calls;
  private final PeerMethods methods;
  private final byte[] self;
  private final AppliedIndex applied;
  private final Executor later;
  private final Duration patience;
  private final Rounds<Long> rounds = new Rounds<>(this::ask);
  private final Set<Barrier> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** One reader. */
  private static final class Barrier {
    private final long deadlineNanos;
    private final CompletableFuture<Void> passed = new CompletableFuture<>();
    private volatile ConsensusException last =
        new ConsensusException(Reason.TIMED_OUT, "the read was not confirmed in time");

    Barrier(long deadlineNanos) {
      this.deadlineNanos = deadlineNanos;
    }
  }

  /**
   * {@code self} is this member's id; {@code later} runs a little later; an answer of the leader is
   * waited for no longer than {@code patience}.
   */
  Reads(
      Supplier<Route> leader,
      ReadIndex here,
      PeerCalls calls,
      PeerMethods methods,
      byte[] self,
      AppliedIndex applied,
      Executor later,
      Duration patience) {
    this.leader = leader;
    this.here = here;
    this.calls = calls;
    this.methods = methods;
    this.self = self;
    this.applied = applied;
    this.later = later;
    this.patience = patience;
  }

  CompletableFuture<Void> barrier(long deadlineNanos) {
    Barrier barrier = new Barrier(deadlineNanos);
    open.add(barrier);
    if (closed) {
      stop(barrier);
    }
    attempt(barrier);
    return barrier.passed;
  }

  private void attempt(Barrier barrier) {
    if (!barrier.passed.isDone()) {
      CompletableFuture<Long> round = rounds.join();
      var unused = round.whenComplete((index, failure) -> asked(barrier, index, failure));
    }
  }

  private void asked(Barrier barrier, Long index, Throwable failure) {
    if (failure != null) {
      barrier.last = PeerMethods.failure(failure, Reason.NO_LEADER);
      later.execute(() -> attempt(barrier));
      return;
    }
    CompletableFuture<Void> reached = applied.reached(index);
    var unused =
        reached.thenRun(
            () -> {
              open.remove(barrier);
              barrier.passed.complete(null);
            });
  }

  private CompletableFuture<Long> ask() {
    Route route = leader.get();
    if (route instanceof Route.Here) {
      return here.ask();
    }
    if (route instanceof Route.There there) {
      return calls
          .call(there.leader(), methods.readIndex(), self, patience)
          .thenApply(answer -> ByteBuffer.wrap(answer).getLong());
    }
    return CompletableFuture.failedFuture(
        new ConsensusException(Reason.NO_LEADER, "nobody is known to lead"));
  }

  /** Fails those whose time is up. */
  void sweep(long nowNanos) {
    for (Barrier barrier : List.copyOf(open)) {
      if (nowNanos - barrier.deadlineNanos >= 0 && open.remove(barrier)) {
        barrier.passed.completeExceptionally(barrier.last);
      }
    }
  }

  /** Whoever waits, or asks from now on, fails with STOPPED. */
  void close() {
    closed = true;
    List.copyOf(open).forEach(this::stop);
  }

  private void stop(Barrier barrier) {
    open.remove(barrier);
    barrier.passed.completeExceptionally(
        new ConsensusException(Reason.STOPPED, "this member takes no more part"));
  }
}
