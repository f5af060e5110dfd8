package io.lodestone.backup.daemon;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock in which time flies, the same for every process that knows its terms. Immutable. */
final class FastClock extends Clock {
  private final long realOriginMillis;
  private final long originMillis;
  private final int speed;

  /**
   * @param realOrigin when it was {@code origin}
   * @param speed how many of its seconds make one real one
   */
  FastClock(Instant realOrigin, Instant origin, int speed) {
    this.realOriginMillis = realOrigin.toEpochMilli();
    this.originMillis = origin.toEpochMilli();
    this.speed = speed;
  }

  /** What {@link #toString} has printed. */
  static FastClock parse(String terms) {
    String[] parts = terms.split(",", 3);
    return new FastClock(
        Instant.ofEpochMilli(Long.parseLong(parts[0])),
        Instant.ofEpochMilli(Long.parseLong(parts[1])),
        Integer.parseInt(parts[2]));
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(
        originMillis + speed * (System.currentTimeMillis() - realOriginMillis));
  }

  Duration real(Duration flown) {
    return flown.dividedBy(speed);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("UTC will do");
  }

  @Override
  public String toString() {
    return realOriginMillis + "," + originMillis + "," + speed;
  }
}
