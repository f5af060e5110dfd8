package io.lodestone.backup.config;

import java.time.ZoneId;

/**
 * When a task is due. Immutable.
 *
 * @param cron as Quartz writes it: seconds, minutes, hours, day of month, month, day of week
 * @param missed what happens with times at which nobody could do it
 */
public record Schedule(String cron, ZoneId zone, Missed missed) {

  /** What becomes of a task whose time has passed. */
  public enum Missed {
    /** It is done once, as soon as possible. */
    RUN,
    /** It waits for its next time. */
    SKIP
  }
}
