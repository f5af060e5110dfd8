package io.lodestone.backup.daemon;

import io.lodestone.backup.config.Schedule;
import io.lodestone.backup.config.Task;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.quartz.CronScheduleBuilder;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;

/** Schedules by the system's clock. Thread-safe. */
final class QuartzSchedules implements Schedules {
  private final Scheduler scheduler;
  private final Map<JobKey, Runnable> announcements = new ConcurrentHashMap<>();

  private QuartzSchedules(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** Ticks from now on. */
  static QuartzSchedules start() {
    Properties properties = new Properties();
    // Quartz hands one scheduler to all who ask for the same name.
    properties.put(
        StdSchedulerFactory.PROP_SCHED_INSTANCE_NAME, "agent-schedules-" + UUID.randomUUID());
    properties.put(StdSchedulerFactory.PROP_SCHED_THREAD_NAME, "agent-schedules");
    properties.put(StdSchedulerFactory.PROP_SCHED_MAKE_SCHEDULER_THREAD_DAEMON, "true");
    properties.put("org.quartz.threadPool.threadCount", "1");
    properties.put("org.quartz.threadPool.makeThreadsDaemons", "true");
    properties.put("org.quartz.jobStore.class", "org.quartz.simpl.RAMJobStore");
    try {
      Scheduler scheduler = new StdSchedulerFactory(properties).getScheduler();
      QuartzSchedules schedules = new QuartzSchedules(scheduler);
      scheduler.setJobFactory((fired, in) -> schedules.announcing(fired.getJobDetail().getKey()));
      scheduler.start();
      return schedules;
    } catch (SchedulerException e) {
      throw new IllegalStateException("Quartz refuses its settings, which are constant", e);
    }
  }

  private Job announcing(JobKey key) {
    return context -> announcements.getOrDefault(key, () -> {}).run();
  }

  @Override
  public void add(String cluster, Task task, Schedule schedule, Instant since, Runnable due) {
    JobKey key = new JobKey(task.label(), cluster);
    JobDetail job = JobBuilder.newJob(Job.class).withIdentity(key).build();
    CronScheduleBuilder cron =
        CronScheduleBuilder.cronSchedule(schedule.cron())
            .inTimeZone(TimeZone.getTimeZone(schedule.zone()));
    CronScheduleBuilder whole =
        switch (schedule.missed()) {
          case RUN -> cron.withMisfireHandlingInstructionFireAndProceed();
          case SKIP -> cron.withMisfireHandlingInstructionDoNothing();
        };
    Trigger trigger =
        TriggerBuilder.newTrigger()
            .withIdentity(task.label(), cluster)
            .withSchedule(whole)
            .startAt(Date.from(since))
            .build();
    announcements.put(key, due);
    try {
      scheduler.scheduleJob(job, Set.of(trigger), true);
    } catch (SchedulerException e) {
      throw new IllegalStateException("Quartz refuses a schedule that was checked: " + key, e);
    }
  }

  @Override
  public void remove(String cluster) {
    for (Task task : Task.values()) {
      JobKey key = new JobKey(task.label(), cluster);
      announcements.remove(key);
      try {
        scheduler.deleteJob(key);
      } catch (SchedulerException e) {
        throw new IllegalStateException("Quartz cannot forget " + key, e);
      }
    }
  }

  @Override
  public void close() {
    try {
      scheduler.shutdown();
    } catch (SchedulerException e) {
      throw new IllegalStateException("Quartz cannot be stopped", e);
    }
  }
}
