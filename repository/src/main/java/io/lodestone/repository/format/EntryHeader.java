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
 * @param span where this stands for several entries: {@code seq}, epoch and standing are those of
 *     the last of them, {@code previous} is that of the first
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
    Optional<String> successor,
    Optional<Span> span,
    Optional<Encryption> encryption)
    implements ObjectHeader {

  /** The kinds of entries. */
  public enum Kind {
    CLAIM,
    BASE,
    SEGMENT,
    END,
    /** A span whose entries were deleted by retention. */
    EXPIRED
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
            && successor.isPresent() == (kind == Kind.END)
            && (span.isEmpty() ? kind != Kind.EXPIRED : canSpan(kind, span.get(), seq));
    if (!fits) {
      throw new IllegalArgumentException(
          "a " + kind + " with seq " + seq + " and epoch " + epoch + " lacks what it must have");
    }
  }

  private static boolean canSpan(Kind kind, Span span, long lastSeq) {
    boolean expired = kind == Kind.EXPIRED && span.level() == 0 && span.silentFrom().isPresent();
    boolean merged = kind == Kind.SEGMENT && span.level() > 0 && span.silentFrom().isEmpty();
    return (expired || merged) && span.firstSeq() <= lastSeq;
  }

  @Override
  public EntryHeader encrypted(Encryption by) {
    return new EntryHeader(
        kind,
        lineage,
        epoch,
        seq,
        previous,
        standing,
        content,
        parts,
        leases,
        first,
        base,
        claim,
        successor,
        span,
        Optional.of(by));
  }

  /** The first entry that this stands for; {@code seq} itself for all but spans. */
  public long firstSeq() {
    return span.map(Span::firstSeq).orElse(seq);
  }
}
