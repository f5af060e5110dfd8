package io.lodestone.backup.daemon;

import io.lodestone.backup.config.Schedule;
import io.lodestone.backup.config.Task;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.TimeZone;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.quartz.CronExpression;

/** Schedules by a clock that Quartz cannot be given, read as Quartz reads them. Thread-safe. */
final class FastSchedules implements Schedules {
  private static final long LOOK_EVERY_MILLIS = 20;

  private final Clock clock;
  private final List<Entry> entries = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor();

  /** One task of one cluster. Confined to the thread of the ticks. */
  private static final class Entry {
    private final String cluster;
    private final CronExpression cron;
    private final Runnable due;
    private Instant next;

    Entry(String cluster, CronExpression cron, Instant since, Runnable due) {
      this.cluster = cluster;
      this.cron = cron;
      this.due = due;
      this.next = after(since);
    }

    private Instant after(Instant time) {
      return cron.getNextValidTimeAfter(Date.from(time)).toInstant();
    }

    /** What was missed is done once. */
    void tick(Instant now) {
      if (!next.isAfter(now)) {
        next = after(now);
        due.run();
      }
    }
  }

  FastSchedules(Clock clock) {
    this.clock = clock;
    Future<?> unused =
        ticks.scheduleAtFixedRate(
            this::tick, LOOK_EVERY_MILLIS, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    Instant now = clock.instant();
    entries.forEach(entry -> entry.tick(now));
  }

  @Override
  public void add(String cluster, Task task, Schedule schedule, Instant since, Runnable due) {
    try {
      CronExpression cron = new CronExpression(schedule.cron());
      cron.setTimeZone(TimeZone.getTimeZone(schedule.zone()));
      entries.add(new Entry(cluster, cron, since, due));
    } catch (ParseException e) {
      throw new IllegalArgumentException(schedule.cron(), e);
    }
  }

  @Override
  public void remove(String cluster) {
    entries.removeIf(entry -> entry.cluster.equals(cluster));
  }

  @Override
  public void close() {
    ticks.shutdownNow();
  }
}
