package io.lodestone.server;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The bounded pools of a server; what finds its pool full is rejected. */
final class Pools implements AutoCloseable {
  private static final int QUEUED_READS = 4096;
  private static final int QUEUED_CHORES = 256;
  private static final int BACKGROUND_THREADS = 8;
  private static final int LOGIN_THREADS = 2;
  private static final long IDLE_SECONDS = 30;

  /** Reads of more than one key. */
  final ExecutorService reads;

  /** Snapshots, hashes, defragmentation, changes of members, the count of keys. */
  final ExecutorService background;

  /** Passwords and signatures. */
  final ExecutorService logins;

  /** Tells those who wait for a lock or watch an election; at most one task for each. */
  final ExecutorService tellers;

  /** Ticks of leases and compaction. */
  final ScheduledExecutorService timer;

  Pools(int cores) {
    reads = pool("store-read", Math.max(2, cores), QUEUED_READS);
    background = pool("store-background", BACKGROUND_THREADS, QUEUED_CHORES);
    logins = pool("store-login", LOGIN_THREADS, QUEUED_CHORES);
    tellers = Executors.newSingleThreadExecutor(named("store-tell"));
    timer = Executors.newSingleThreadScheduledExecutor(named("store-timer"));
  }

  private List<ExecutorService> all() {
    return List.of(timer, tellers, reads, background, logins);
  }

  private static ExecutorService pool(String name, int threads, int queued) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queued),
            named(name));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private static ThreadFactory named(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Interrupts what runs and waits for its end. */
  @Override
  public void close() {
    for (ExecutorService pool : all()) {
      pool.shutdownNow();
    }
    try {
      for (ExecutorService pool : all()) {
        pool.awaitTermination(IDLE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
