package io.lodestone.repository.format;

import java.time.Instant;

/**
 * Where a history stands behind an entry. Immutable.
 *
 * @param baseSeq the newest BASE up to here, 0 if there is none
 * @param revision last complete main revision, 0 if there is no base
 * @param at when that was all there was
 */
public record Standing(
    long baseSeq, long revision, Instant at, long compactScheduled, long compactFinished) {
  /** Before the first base. */
  public static final Standing NOWHERE = new Standing(0, 0, Instant.EPOCH, -1, -1);

  public Standing {
    if (baseSeq < 0 || revision < 0) {
      throw new IllegalArgumentException("base " + baseSeq + ", revision " + revision);
    }
  }

  public boolean hasBase() {
    return baseSeq > 0;
  }
}
