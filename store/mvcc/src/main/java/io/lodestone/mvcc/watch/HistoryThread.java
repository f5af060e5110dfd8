package io.lodestone.mvcc.watch;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Reads history, one group of watchers at a time. Thread-safe. */
final class HistoryThread implements AutoCloseable {
  /** At most one waits. */
  private final BlockingQueue<Runnable> readings = new LinkedBlockingQueue<>();

  private final Thread thread = new Thread(this::run, "watch-history");
  private volatile boolean closed;

  HistoryThread() {
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  void execute(Runnable reading) {
    readings.add(reading);
  }

  private void run() {
    try {
      while (!closed) {
        readings.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the reading that is under way. */
  @Override
  public void close() {
    closed = true;
    execute(() -> {});
    try {
      if (thread.isAlive()) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
