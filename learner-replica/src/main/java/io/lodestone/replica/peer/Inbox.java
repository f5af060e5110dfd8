package io.lodestone.replica.peer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Arrivals in front of the one thread that takes them. When there is no more room, whoever brings
 * something waits, and with it the member that sent it. Thread-safe.
 */
public final class Inbox {
  private static final long MOST_BYTES = 32 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Deque<Arrival> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private long bytes;

  /** Waits for room; a single message may take more than there is. */
  void put(Arrival arrival) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (bytes > MOST_BYTES) {
        changed.await();
      }
      waiting.add(arrival);
      bytes += sizeBytes(arrival);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The next arrival; empty where none comes in time. */
  public Optional<Arrival> poll(Duration longestWait) throws InterruptedException {
    long left = longestWait.toNanos();
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (waiting.isEmpty()) {
        return Optional.empty();
      }
      Arrival next = waiting.remove();
      bytes -= sizeBytes(next);
      changed.signalAll();
      return Optional.of(next);
    } finally {
      lock.unlock();
    }
  }

  private static long sizeBytes(Arrival arrival) {
    return arrival instanceof Arrival.Said said ? said.message().getSerializedSize() : 0;
  }
}
