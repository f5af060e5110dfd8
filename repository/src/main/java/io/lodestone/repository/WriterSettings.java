package io.lodestone.repository;

import io.lodestone.repository.format.Frames;
import java.time.Clock;
import java.time.Duration;

/**
 * How a writer works. Immutable.
 *
 * @param partBytes compressed bytes at which a piece of content becomes a part of its own; at most
 *     24 MiB
 * @param frameBytes plain bytes that are compressed together; at most 1 MiB
 * @param heartbeatEvery time between two signs of life; a third of the takeover's silence or less
 * @param clock tells the time of heartbeats and claims
 */
public record WriterSettings(long partBytes, int frameBytes, Duration heartbeatEvery, Clock clock) {
  private static final long MAX_PART_BYTES = 24 << 20;

  public static final WriterSettings DEFAULT =
      new WriterSettings(8 << 20, Frames.TARGET_BYTES, Duration.ofSeconds(5), Clock.systemUTC());

  public WriterSettings {
    if (partBytes < 1 || partBytes > MAX_PART_BYTES) {
      throw new IllegalArgumentException("parts of " + partBytes + " bytes");
    }
    if (frameBytes < 1 || frameBytes > Frames.TARGET_BYTES) {
      throw new IllegalArgumentException("frames of " + frameBytes + " bytes");
    }
    if (heartbeatEvery.toMillis() < 1) {
      throw new IllegalArgumentException("a heartbeat every " + heartbeatEvery);
    }
  }
}
