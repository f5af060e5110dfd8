package io.lodestone.mvcc.rocks;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A thread that does one step of a load after the other, while its owner prepares the next. Used by
 * one thread at a time.
 */
final class LoadThread implements AutoCloseable {
  private final String name;
  private final ExecutorService thread;
  private Future<?> step = CompletableFuture.completedFuture(null);

  /** A step; what it throws comes out where its end is awaited. */
  @FunctionalInterface
  interface Step {
    void run() throws IOException, InterruptedException;
  }

  LoadThread(String name) {
    this.name = name;
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread created = new Thread(task, name);
              created.setDaemon(true);
              return created;
            });
  }

  /** Begins a step once the one before has ended well; else fails as that one did. */
  void begin(Step next) throws IOException {
    await();
    step =
        thread.submit(
            () -> {
              next.run();
              return null;
            });
  }

  /** When this returns, every step has ended well. */
  void await() throws IOException {
    try {
      step.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(name + " was interrupted");
    } catch (ExecutionException e) {
      Throwables.throwIfInstanceOf(e.getCause(), IOException.class);
      Throwables.throwIfUnchecked(e.getCause());
      throw new IOException(name + " failed", e);
    }
  }

  /** Waits for the step that is under way. */
  @Override
  public void close() {
    thread.shutdown();
    boolean interrupted = false;
    while (!thread.isTerminated()) {
      try {
        thread.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        // The store must not close under the thread; a step takes a moment.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
