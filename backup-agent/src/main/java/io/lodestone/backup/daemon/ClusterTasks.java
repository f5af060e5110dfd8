package io.lodestone.backup.daemon;

import io.lodestone.backup.BackupAgent;
import io.lodestone.backup.config.ClusterPlan;
import io.lodestone.backup.config.Task;
import io.lodestone.backup.metrics.ClusterMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what is scheduled for one cluster, one task after the other, on a thread of its own, while
 * this agent writes the cluster's log. A task that is due again before it is done is left out. What
 * fails is logged and counted, and done again at its next time. Thread-safe.
 */
final class ClusterTasks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterTasks.class);
  private static final long PATIENCE_SECONDS = 10;

  private final ClusterPlan plan;
  private final TaskWork work;
  private final ClusterMetrics metrics;
  private final ExecutorService thread;
  private final Set<Task> due = ConcurrentHashMap.newKeySet();
  private volatile Optional<Turn> turn = Optional.empty();

  /** The time in which this agent writes. */
  private record Turn(long clusterId, BackupAgent agent) {}

  ClusterTasks(ClusterPlan plan, TaskWork work, ClusterMetrics metrics) {
    this.plan = plan;
    this.work = work;
    this.metrics = metrics;
    this.thread =
        Executors.newSingleThreadExecutor(
            tasks -> {
              Thread made = new Thread(tasks, "agent-" + plan.name() + "-tasks");
              made.setDaemon(true);
              return made;
            });
  }

  void begin(long clusterId, BackupAgent agent) {
    turn = Optional.of(new Turn(clusterId, agent));
  }

  void end() {
    turn = Optional.empty();
  }

  /** It is time for this. Returns at once. */
  void announce(Task task) {
    if (due.add(task)) {
      thread.execute(() -> run(task));
    } else {
      LOG.atWarn()
          .addKeyValue("cluster", plan.name())
          .addKeyValue("task", task.label())
          .log("due again before it is done; left out");
    }
  }

  private void run(Task task) {
    Optional<Turn> now = turn;
    long begun = System.nanoTime();
    try {
      if (now.isPresent()) {
        work.perform(task, now.get().clusterId, now.get().agent);
        Duration elapsed = Duration.ofNanos(System.nanoTime() - begun);
        metrics.taskDone(task, elapsed);
        LOG.atInfo()
            .addKeyValue("cluster", plan.name())
            .addKeyValue("task", task.label())
            .addKeyValue("seconds", elapsed.toMillis() / 1000.0)
            .log("done");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      metrics.taskFailed(task);
      Failures.log(LOG, e)
          .addKeyValue("cluster", plan.name())
          .addKeyValue("task", task.label())
          .log("a scheduled task failed");
    } finally {
      due.remove(task);
    }
  }

  /** Lets the task that runs come to its end for a while; what it leaves is for the next one. */
  @Override
  public void close() {
    end();
    thread.shutdown();
    try {
      if (!thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
