package io.lodestone.repository.chain;

import io.lodestone.repository.format.Holder;
import java.time.Duration;
import java.time.Instant;

/**
 * {@code writer.json}: who writes, when it last said so, and how far the log was then. Advisory.
 * Immutable.
 *
 * @param released true once the holder has stopped in order
 */
public record WriterNote(
    Holder holder, long epoch, Instant heartbeat, long lastSeq, boolean released) {

  /** How long the heartbeat has been silent at {@code now}; clocks that differ count both ways. */
  public Duration age(Instant now) {
    return Duration.between(heartbeat, now).abs();
  }
}
