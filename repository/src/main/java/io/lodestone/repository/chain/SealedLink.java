package io.lodestone.repository.chain;

import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.Sha256;

/** A place in the chain: an entry's number and hash. Immutable. */
public record SealedLink(long seq, Sha256 hash) {
  /** Before the first entry. */
  public static final SealedLink START = new SealedLink(0, Sha256.NONE);

  public static SealedLink of(OpenedObject<EntryHeader> entry) {
    return new SealedLink(entry.header().seq(), entry.hash());
  }
}
