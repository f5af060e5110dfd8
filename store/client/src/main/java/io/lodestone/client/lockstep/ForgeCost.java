package io.lodestone.client.lockstep;

import java.time.Duration;

/**
 * What it takes to forge a base: one transaction for each revision. Immutable.
 *
 * @param ordered those that have to come one after the other, at most
 * @param padding those that need no order
 */
public record ForgeCost(long ordered, long padding) {
  /** What usual disks reach. */
  private static final double ORDERED_PER_SECOND = 900;

  private static final double PADDING_PER_SECOND = 3_000;

  public long transactions() {
    return ordered + padding;
  }

  /** On usual disks. */
  public Duration estimate() {
    return Duration.ofSeconds(
        Math.round(ordered / ORDERED_PER_SECOND + padding / PADDING_PER_SECOND));
  }
}
