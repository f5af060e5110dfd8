package io.lodestone.mvcc.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.mvcc.log.Change;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watch thread and what it has to do, in order. Changes beyond a limit of bytes are dropped
 * until the thread has seen that they were. Those that nobody watches do not wake it: it hears how
 * far they went before the next thing it has to do. Thread-safe.
 */
final class WatchInbox implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WatchInbox.class);
  private static final int CHANGE_OVERHEAD_BYTES = 200;

  /** Takes changes of whole revisions, up to one. */
  @FunctionalInterface
  interface Delivery {
    void deliver(long revision, List<Change> changes);
  }

  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::run, "watch");
  private final long maxBytes;
  private final BooleanSupplier watched;
  private final Delivery delivery;
  private final LongConsumer overrun;
  private final Object lock = new Object();
  private volatile boolean closed;

  @GuardedBy("lock")
  private long waitingBytes;

  @GuardedBy("lock")
  private boolean dropping;

  @GuardedBy("lock")
  private long droppedTo;

  /** The last revision that nobody watched and the thread has not heard of; 0 for none. */
  @GuardedBy("lock")
  private long passedTo;

  /**
   * @param watched whether there are watchers, those among them whose first task is yet to come
   * @param overrun told up to which revision changes were dropped, in their place
   */
  WatchInbox(long maxBytes, BooleanSupplier watched, Delivery delivery, LongConsumer overrun) {
    this.maxBytes = maxBytes;
    this.watched = watched;
    this.delivery = delivery;
    this.overrun = overrun;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void post(Runnable task) {
    synchronized (lock) {
      tellPassed();
      tasks.add(task);
    }
  }

  @GuardedBy("lock")
  private void tellPassed() {
    if (passedTo > 0) {
      long revision = passedTo;
      passedTo = 0;
      tasks.add(() -> delivery.deliver(revision, List.of()));
    }
  }

  void handOver(long revision, List<Change> changes) {
    long bytes = changes.stream().mapToLong(WatchInbox::size).sum();
    synchronized (lock) {
      if (dropping) {
        droppedTo = revision;
        return;
      }
      if (!watched.getAsBoolean()) {
        passedTo = revision;
        return;
      }
      tellPassed();
      if (waitingBytes > 0 && waitingBytes + bytes > maxBytes) {
        dropping = true;
        droppedTo = revision;
        tasks.add(() -> overrun.accept(endOfDropping()));
        return;
      }
      waitingBytes += bytes;
      tasks.add(() -> take(revision, changes, bytes));
    }
  }

  private static long size(Change change) {
    long values =
        (long) change.record().value().size()
            + change.previous().map(row -> row.value().size()).orElse(0);
    return values + CHANGE_OVERHEAD_BYTES;
  }

  private void take(long revision, List<Change> changes, long bytes) {
    delivery.deliver(revision, changes);
    synchronized (lock) {
      waitingBytes -= bytes;
    }
  }

  private long endOfDropping() {
    synchronized (lock) {
      dropping = false;
      return droppedTo;
    }
  }

  private void run() {
    while (!closed) {
      try {
        tasks.take().run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        // One sink's failure is not the others'.
        LOG.atError().setCause(e).log("a watcher could not be told");
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    post(() -> {});
    try {
      if (thread.isAlive()) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
