package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import io.lodestone.raft.Peer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Something that only the leader can do: waits until there is one, and asks again as long as who is
 * asked says that it does not lead. Thread-safe.
 */
final class AtLeader {
  private final Supplier<Route> leader;
  private final PeerCalls calls;
  private final Executor later;
  private volatile boolean closed;

  /** {@code later} runs a little later. */
  AtLeader(Supplier<Route> leader, PeerCalls calls, Executor later) {
    this.leader = leader;
    this.calls = calls;
    this.later = later;
  }

  /**
   * What is to be done.
   *
   * @param here does it where this member leads
   * @param there has another member do it
   * @param deadlineNanos until when a leader is looked for
   */
  record Errand(
      Supplier<CompletableFuture<Void>> here,
      Function<Peer, CompletableFuture<byte[]>> there,
      long deadlineNanos) {}

  CompletableFuture<Void> run(Errand errand) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    attempt(errand, done);
    return done;
  }

  private void attempt(Errand errand, CompletableFuture<Void> done) {
    CompletableFuture<Void> asked = ask(errand);
    var unused =
        asked.whenComplete(
            (nothing, failure) -> {
              if (failure == null) {
                done.complete(null);
              } else {
                failed(errand, done, PeerMethods.failure(failure, Reason.TIMED_OUT));
              }
            });
  }

  private void failed(Errand errand, CompletableFuture<Void> done, ConsensusException failure) {
    boolean over = System.nanoTime() - errand.deadlineNanos() >= 0;
    if (over || failure.reason() != Reason.NO_LEADER) {
      done.completeExceptionally(failure);
    } else {
      later.execute(() -> attempt(errand, done));
    }
  }

  private CompletableFuture<Void> ask(Errand errand) {
    if (closed) {
      return failed(Reason.STOPPED, "this member takes no more part");
    }
    Route route = leader.get();
    if (route instanceof Route.Here) {
      return errand.here().get();
    }
    if (route instanceof Route.There there && calls.mayReach(there.leader())) {
      return errand.there().apply(there.leader()).thenApply(answer -> null);
    }
    return failed(Reason.NO_LEADER, "nobody is known to lead");
  }

  private static CompletableFuture<Void> failed(Reason reason, String message) {
    return CompletableFuture.failedFuture(new ConsensusException(reason, message));
  }

  /** Whoever still looks for a leader fails with STOPPED. */
  void close() {
    closed = true;
  }
}
