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
  private final ZoneId zone;

  /**
   * @param realOrigin when it was {@code origin}
   * @param speed how many of its seconds make one real one
   */
  FastClock(Instant realOrigin, Instant origin, int speed) {
    this(realOrigin.toEpochMilli(), origin.toEpochMilli(), speed, ZoneOffset.UTC);
  }

  private FastClock(long realOriginMillis, long originMillis, int speed, ZoneId zone) {
    this.realOriginMillis = realOriginMillis;
    this.originMillis = originMillis;
    this.speed = speed;
    this.zone = zone;
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
    return zone;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return new FastClock(realOriginMillis, originMillis, speed, zone);
  }

  @Override
  public String toString() {
    return realOriginMillis + "," + originMillis + "," + speed;
  }
}
