package io.lodestone.repository.chain;

import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.Sha256;
import io.lodestone.repository.format.Span;

/**
 * A place in the chain: an entry's number and hash; behind a span, those of the last entry that it
 * stands for. Immutable.
 */
public record SealedLink(long seq, Sha256 hash) {
  /** Before the first entry. */
  public static final SealedLink START = new SealedLink(0, Sha256.NONE);

  public static SealedLink of(OpenedObject<EntryHeader> entry) {
    Sha256 hash = entry.header().span().map(Span::lastHash).orElse(entry.hash());
    return new SealedLink(entry.header().seq(), hash);
  }
}
