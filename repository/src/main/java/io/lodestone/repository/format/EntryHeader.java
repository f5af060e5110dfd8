package io.lodestone.repository.format;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The header of an entry of the log. Which of the optional parts are there depends on the kind; the
 * format's page has the table. Immutable.
 *
 * @param previous hash of the entry before, {@link Sha256#NONE} for seq 1
 * @param standing behind this entry
 * @param parts the parts of its content, in order, before the frames inside the entry
 */
public record EntryHeader(
    Kind kind,
    String lineage,
    long epoch,
    long seq,
    Sha256 previous,
    Standing standing,
    ContentFacts content,
    List<PartFacts> parts,
    LeaseTrail leases,
    Optional<First> first,
    Optional<BaseFacts> base,
    Optional<Claim> claim,
    Optional<String> successor)
    implements ObjectHeader {

  /** The kinds of entries. */
  public enum Kind {
    CLAIM,
    BASE,
    SEGMENT,
    END
  }

  /** The first Complete of a segment. */
  public record First(long revision, Instant at) {}

  /** Who took over, and when by its clock; the random nonce keeps any two claims different. */
  public record Claim(Holder holder, Instant claimedAt, String nonce) {}

  public EntryHeader {
    parts = List.copyOf(parts);
    boolean fits =
        seq > 0
            && epoch > 0
            && base.isPresent() == (kind == Kind.BASE)
            && first.isPresent() == (kind == Kind.SEGMENT)
            && claim.isPresent() == (kind == Kind.CLAIM)
            && successor.isPresent() == (kind == Kind.END);
    if (!fits) {
      throw new IllegalArgumentException(
          "a " + kind + " with seq " + seq + " and epoch " + epoch + " lacks what it must have");
    }
  }
}
