package io.lodestone.raft.ratis;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/** How far this member has applied the log, and who waits for it to come further. Thread-safe. */
final class AppliedIndex {
  private record Waiter(long index, CompletableFuture<Void> reached) {}

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Queue<Waiter> waiters =
      new PriorityQueue<>(Comparator.comparingLong(Waiter::index));

  private volatile long index;

  AppliedIndex(long index) {
    this.index = index;
  }

  long get() {
    return index;
  }

  /** Completes once {@code awaited} is applied, on the thread that applies. */
  CompletableFuture<Void> reached(long awaited) {
    CompletableFuture<Void> reached = new CompletableFuture<>();
    synchronized (lock) {
      if (awaited > index) {
        waiters.add(new Waiter(awaited, reached));
        return reached;
      }
    }
    reached.complete(null);
    return reached;
  }

  void advance(long applied) {
    List<CompletableFuture<Void>> done = new ArrayList<>();
    synchronized (lock) {
      index = Math.max(index, applied);
      while (!waiters.isEmpty() && waiters.peek().index() <= index) {
        done.add(waiters.remove().reached());
      }
    }
    done.forEach(reached -> reached.complete(null));
  }
}
