package io.lodestone.repository.format;

import java.time.Instant;
import java.util.Optional;

/**
 * What an object says that stands for several entries of the log, from {@code firstSeq} to the seq
 * of its header. Immutable.
 *
 * @param level how often its content was merged, from 1 on; 0 where it has expired
 * @param lastHash hash of the last entry that it stands for: the entry behind it names that one
 * @param nonce random, so that nobody takes another's span for his own and takes it back
 * @param silentFrom where the entries have expired: the first moment at which the standing before
 *     them may no longer have been true
 */
public record Span(
    long firstSeq, int level, Sha256 lastHash, String nonce, Optional<Instant> silentFrom) {
  private static final int MAX_LEVEL = 9;

  public Span {
    if (firstSeq < 1 || level < 0 || level > MAX_LEVEL) {
      throw new IllegalArgumentException("a span from " + firstSeq + " of level " + level);
    }
  }
}
