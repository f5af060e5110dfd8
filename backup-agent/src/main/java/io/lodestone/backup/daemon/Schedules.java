package io.lodestone.backup.daemon;

import io.lodestone.backup.config.Schedule;
import io.lodestone.backup.config.Task;
import java.time.Instant;

/**
 * The clock of all schedules. What is due is only announced: the work is done elsewhere, so that
 * nothing that hangs makes others late. Thread-safe.
 */
interface Schedules extends AutoCloseable {
  /**
   * Calls {@code due} at each time of the schedule, until it is removed.
   *
   * @param since what was due after this was missed; now, where nothing is known
   * @param due must return at once
   */
  void add(String cluster, Task task, Schedule schedule, Instant since, Runnable due);

  /** Announces nothing more of this cluster. */
  void remove(String cluster);

  @Override
  void close();
}
