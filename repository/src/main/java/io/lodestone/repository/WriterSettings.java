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
 * @param compressionLevel of zstd, 1 (fastest) to 19 (smallest)
 * @param uploads parts under way at a time, 1 to 16; each takes {@code partBytes} of memory
 * @param heartbeatEvery time between two signs of life; a third of the takeover's silence or less
 * @param clock tells the time of heartbeats and claims
 */
public record WriterSettings(
    long partBytes,
    int frameBytes,
    int compressionLevel,
    int uploads,
    Duration heartbeatEvery,
    Clock clock) {
  private static final long MAX_PART_BYTES = 24 << 20;

  /** The most parts that may be under way at a time. */
  public static final int MAX_UPLOADS = 16;

  /** The highest level of compression. */
  public static final int MAX_LEVEL = 19;

  public static final WriterSettings DEFAULT =
      new WriterSettings(
          8 << 20, Frames.TARGET_BYTES, 1, 1, Duration.ofSeconds(5), Clock.systemUTC());

  public WriterSettings {
    if (partBytes < 1 || partBytes > MAX_PART_BYTES) {
      throw new IllegalArgumentException("parts of " + partBytes + " bytes");
    }
    if (frameBytes < 1 || frameBytes > Frames.TARGET_BYTES) {
      throw new IllegalArgumentException("frames of " + frameBytes + " bytes");
    }
    if (compressionLevel < 1 || compressionLevel > MAX_LEVEL) {
      throw new IllegalArgumentException("compression level " + compressionLevel);
    }
    if (uploads < 1 || uploads > MAX_UPLOADS) {
      throw new IllegalArgumentException(uploads + " uploads at a time");
    }
    if (heartbeatEvery.toMillis() < 1) {
      throw new IllegalArgumentException("a heartbeat every " + heartbeatEvery);
    }
  }

  /** The same with another level of compression, 1 to 19. */
  public WriterSettings withCompressionLevel(int level) {
    return new WriterSettings(partBytes, frameBytes, level, uploads, heartbeatEvery, clock);
  }

  /** The same with so many parts under way at a time, 1 to 16. */
  public WriterSettings withUploads(int count) {
    return new WriterSettings(
        partBytes, frameBytes, compressionLevel, count, heartbeatEvery, clock);
  }
}
