package io.lodestone.backup;

import java.time.Duration;
import java.util.Optional;

/**
 * When what was captured is made durable. Immutable.
 *
 * @param interval the longest that a captured revision waits
 * @param sizeBytes how much may wait, in bytes of stored values
 * @param idleInterval how often a cluster in which nothing changes is recorded as unchanged, so
 *     that restorable times go on
 * @param hashInterval how often the source is asked for its hash of what is durable, beside at each
 *     base; empty for never
 */
public record SealPolicy(
    Duration interval, long sizeBytes, Duration idleInterval, Optional<Duration> hashInterval) {
  public static final SealPolicy DEFAULT =
      new SealPolicy(
          Duration.ofSeconds(1),
          8L << 20,
          Duration.ofSeconds(10),
          Optional.of(Duration.ofHours(1)));

  public SealPolicy {
    if (interval.toMillis() < 1 || sizeBytes < 1 || idleInterval.compareTo(interval) < 0) {
      throw new IllegalArgumentException(
          "cannot seal every " + interval + ", " + sizeBytes + " bytes, idle " + idleInterval);
    }
  }

  public SealPolicy every(Duration newInterval) {
    Duration idle = idleInterval.compareTo(newInterval) < 0 ? newInterval : idleInterval;
    return new SealPolicy(newInterval, sizeBytes, idle, hashInterval);
  }

  /** The same, with a sign of life at least so often. */
  public SealPolicy idle(Duration newIdleInterval) {
    return new SealPolicy(interval, sizeBytes, newIdleInterval, hashInterval);
  }

  public SealPolicy atMost(long newSizeBytes) {
    return new SealPolicy(interval, newSizeBytes, idleInterval, hashInterval);
  }

  /** The same, with the source's hash so often; empty for never. */
  public SealPolicy hashedEvery(Optional<Duration> newHashInterval) {
    return new SealPolicy(interval, sizeBytes, idleInterval, newHashInterval);
  }
}
