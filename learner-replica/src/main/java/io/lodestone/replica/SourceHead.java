package io.lodestone.replica;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Makes linearizable reads wait until what the source had is here. Whoever asks while the source is
 * being asked waits for the next question, and all who wait share it: the source answers one at a
 * time, however many read. Thread-safe.
 */
final class SourceHead {
  private final LongSupplier source;
  private final ExecutorService thread;
  private final long patienceMillis;
  private final Object lock = new Object();
  private final ConcurrentSkipListMap<Long, CompletableFuture<Void>> waiting =
      new ConcurrentSkipListMap<>();
  private volatile long applied;

  /** Those whose question has not been sent yet. */
  @GuardedBy("lock")
  private Optional<CompletableFuture<Void>> next = Optional.empty();

  /**
   * @param source asks the source for its revision, by a linearizable read; blocks
   * @param thread a single one
   * @param patienceMillis how long a read may wait
   */
  SourceHead(LongSupplier source, ExecutorService thread, long patienceMillis) {
    this.source = source;
    this.thread = thread;
    this.patienceMillis = patienceMillis;
  }

  /** Completes once everything is applied that the source had acknowledged before this call. */
  CompletableFuture<Void> barrier() {
    CompletableFuture<Void> shared;
    synchronized (lock) {
      if (next.isEmpty()) {
        next = Optional.of(new CompletableFuture<>());
        submit(next.get());
      }
      shared = next.get();
    }
    return shared
        .copy()
        .orTimeout(patienceMillis, TimeUnit.MILLISECONDS)
        .exceptionallyCompose(
            failure -> CompletableFuture.failedFuture(new StoreException(ErrorCode.TIMEOUT)));
  }

  private void submit(CompletableFuture<Void> shared) {
    try {
      thread.execute(this::ask);
    } catch (RejectedExecutionException e) {
      shared.completeExceptionally(e);
    }
  }

  private void ask() {
    CompletableFuture<Void> asking;
    synchronized (lock) {
      asking = next.orElseThrow();
      next = Optional.empty();
    }
    try {
      var unused = whenApplied(source.getAsLong()).thenRun(() -> asking.complete(null));
    } catch (LodestoneException e) {
      asking.completeExceptionally(e);
    }
  }

  private CompletableFuture<Void> whenApplied(long revision) {
    CompletableFuture<Void> done =
        waiting.computeIfAbsent(revision, key -> new CompletableFuture<>());
    complete();
    return done;
  }

  /** Everything up to {@code revision} is visible. */
  void applied(long revision) {
    applied = revision;
    complete();
  }

  private void complete() {
    var reached = waiting.headMap(applied, true);
    for (var done = reached.pollFirstEntry(); done != null; done = reached.pollFirstEntry()) {
      done.getValue().complete(null);
    }
  }
}
