package io.lodestone.server.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Ticks for one stream, from the first watcher that wants progress on. Thread-safe. */
final class ProgressTimer {
  private final Interval interval;
  private final Runnable tick;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private Optional<ScheduledFuture<?>> ticking = Optional.empty();

  @GuardedBy("lock")
  private boolean stopped;

  private ProgressTimer(Interval interval, Runnable tick) {
    this.interval = interval;
    this.tick = tick;
  }

  /** How often: up to a tenth later, so that streams that began together do not tick together. */
  record Interval(Duration length, ScheduledExecutorService executor) {
    private static final Duration SHORTEST = Duration.ofMillis(100);

    Interval {
      length = length.compareTo(SHORTEST) < 0 ? SHORTEST : length;
    }

    ProgressTimer timer(Runnable tick) {
      return new ProgressTimer(this, tick);
    }

    private long nanos() {
      long nanos = length.toNanos();
      return nanos + ThreadLocalRandom.current().nextLong(nanos / 10);
    }
  }

  void start() {
    synchronized (lock) {
      if (!stopped && ticking.isEmpty()) {
        long nanos = interval.nanos();
        ticking =
            Optional.of(
                interval.executor().scheduleAtFixedRate(tick, nanos, nanos, TimeUnit.NANOSECONDS));
      }
    }
  }

  void stop() {
    synchronized (lock) {
      stopped = true;
      ticking.ifPresent(ticks -> ticks.cancel(false));
    }
  }
}
