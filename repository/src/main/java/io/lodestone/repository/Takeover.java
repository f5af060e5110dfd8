package io.lodestone.repository;

import java.time.Duration;

/**
 * When a writer may take a lineage that somebody else holds. Safety does not depend on it: whoever
 * was taken over is fenced. Immutable.
 *
 * @param silence take over once the holder's heartbeat is older than this
 */
public record Takeover(Duration silence) {
  /** After 15 s of silence. */
  public static final Takeover WHEN_SILENT = new Takeover(Duration.ofSeconds(15));

  /** At once, whoever holds it. */
  public static final Takeover FORCED = new Takeover(Duration.ZERO);
}
