package io.lodestone.repository.format;

import java.time.Instant;
import java.util.Optional;

/**
 * What an object says that stands for several entries of the log, from {@code firstSeq} to the seq
 * of its header. Immutable.
 *
 * @param lastHash hash of the last entry that it stands for: the entry behind it names that one
 * @param silentFrom where the entries have expired: the first moment at which the standing before
 *     them may no longer have been true
 */
public record Span(long firstSeq, Sha256 lastHash, Optional<Instant> silentFrom) {
  public Span {
    if (firstSeq < 1) {
      throw new IllegalArgumentException("a span from " + firstSeq);
    }
  }
}
