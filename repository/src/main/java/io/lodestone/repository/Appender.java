package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LeaseTable;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.chain.SealedLink;
import io.lodestone.repository.chain.WriterNote;
import io.lodestone.repository.format.BaseFacts;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.ContentFacts;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.Claim;
import io.lodestone.repository.format.EntryHeader.First;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.Frames;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.format.LeaseTrail;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.format.Standing;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The right to append to one lineage, held since its CLAIM. Where an append has an unknown outcome,
 * the same entry must be offered again before any other. Confined to the writer's thread.
 */
final class Appender {
  private static final int ATTEMPTS_TO_CLAIM = 20;

  private final EntryLog log;
  private final Lineage lineage;
  private final long epoch;
  private SealedLink last;
  private Standing standing;
  private Optional<Sealed> inDoubt = Optional.empty();

  private record Sealed(EntryHeader header, SealedObject object) {}

  private Appender(EntryLog log, Lineage lineage, EntryHeader claim, SealedLink last) {
    this.log = log;
    this.lineage = lineage;
    this.epoch = claim.epoch();
    this.standing = claim.standing();
    this.last = last;
  }

  /** Takes the lineage over, or creates it. Its CLAIM is durable when this returns. */
  static Appender claim(
      EntryLog log, Lineage lineage, Holder holder, Takeover takeover, Clock clock)
      throws IOException {
    checkFree(log, lineage, holder, takeover, clock);
    Claim claim =
        new Claim(holder, clock.instant(), Long.toHexString(new SecureRandom().nextLong()));
    OptionalLong end = log.lastSeq();
    long seq = end.orElse(0);
    for (int attempt = 0; attempt < ATTEMPTS_TO_CLAIM; attempt++) {
      Optional<OpenedObject<EntryHeader>> before =
          seq == 0 ? Optional.empty() : Optional.of(log.read(seq));
      before.ifPresent(entry -> checkOpen(entry.header()));
      Sealed sealed = claimAfter(lineage, before, claim);
      seq++;
      if (log.append(seq, sealed.object)) {
        return new Appender(log, lineage, sealed.header, new SealedLink(seq, sealed.object.hash()));
      }
      checkNotClaimed(log.header(seq), lineage, takeover);
    }
    throw new IOException(
        "cannot take lineage " + lineage + " over: its holder keeps writing; try again");
  }

  /** Fails with a RepositoryHeldException where a holder has given a sign of life just now. */
  static void checkFree(
      EntryLog log, Lineage lineage, Holder holder, Takeover takeover, Clock clock)
      throws IOException {
    Optional<WriterNote> note = log.note();
    if (note.isEmpty() || note.get().released()) {
      return;
    }
    Duration age = note.get().age(clock.instant());
    boolean restarted =
        note.get().holder().agentId().equals(holder.agentId())
            && note.get().holder().host().equals(holder.host());
    if (!restarted && age.compareTo(takeover.silence()) < 0) {
      throw new RepositoryHeldException(lineage, note.get().holder(), age, takeover.silence());
    }
  }

  private static void checkNotClaimed(EntryHeader entry, Lineage lineage, Takeover takeover) {
    boolean forced = takeover.silence().isZero();
    if (!forced && entry.claim().isPresent()) {
      throw new RepositoryHeldException(
          lineage, entry.claim().get().holder(), Duration.ZERO, takeover.silence());
    }
  }

  private static void checkOpen(EntryHeader last) {
    if (last.kind() == Kind.END) {
      throw new LodestoneException(
          "lineage "
              + last.lineage()
              + " has ended; "
              + last.successor().orElseThrow()
              + " carries on",
          "open that one");
    }
  }

  private static Sealed claimAfter(
      Lineage lineage, Optional<OpenedObject<EntryHeader>> before, Claim claim) {
    Optional<EntryHeader> header = before.map(OpenedObject::header);
    LeaseTrail trail = header.map(EntryHeader::leases).orElse(LeaseTrail.NONE);
    SealedLink link = before.map(SealedLink::of).orElse(SealedLink.START);
    EntryHeader entry =
        new EntryHeader(
            Kind.CLAIM,
            lineage.toString(),
            header.map(EntryHeader::epoch).orElse(0L) + 1,
            link.seq() + 1,
            link.hash(),
            header
                .filter(last -> last.kind() != Kind.EXPIRED)
                .map(EntryHeader::standing)
                .orElse(Standing.NOWHERE),
            ContentFacts.NONE,
            List.of(),
            new LeaseTrail(trail.checkpointSeq(), trail.changedSeqs(), Optional.empty()),
            Optional.empty(),
            Optional.empty(),
            Optional.of(claim),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return new Sealed(entry, SealedObject.entry(ContentCipher.NONE, entry, Frames.NONE));
  }

  /** What makes an entry a BASE, a SEGMENT or an END. */
  record Facts(
      Kind kind,
      Standing standing,
      LeaseTrail leases,
      Optional<First> first,
      Optional<BaseFacts> base,
      Optional<String> successor) {}

  /**
   * Appends the next entry. When this returns, it is durable. A FencedException where another
   * writer has taken over. After any other failure the outcome is unknown: call {@link #settle}.
   */
  void append(Facts facts, Frames inline, List<PartFacts> parts) throws IOException {
    settle();
    EntryHeader header = header(facts, inline, parts);
    inDoubt = Optional.of(new Sealed(header, SealedObject.entry(log.cipher(), header, inline)));
    settle();
  }

  /** What {@link #append} would append now. */
  SealedObject sealed(Facts facts, Frames inline, List<PartFacts> parts) {
    return SealedObject.entry(log.cipher(), header(facts, inline, parts), inline);
  }

  private EntryHeader header(Facts facts, Frames inline, List<PartFacts> parts) {
    return new EntryHeader(
        facts.kind,
        lineage.toString(),
        epoch,
        last.seq() + 1,
        last.hash(),
        facts.standing,
        ContentFacts.of(inline),
        parts,
        facts.leases,
        facts.first,
        facts.base,
        Optional.empty(),
        facts.successor,
        Optional.empty(),
        Optional.empty());
  }

  /** Offers an entry again whose append failed; nothing to do if there is none. */
  void settle() throws IOException {
    if (inDoubt.isEmpty()) {
      return;
    }
    Sealed sealed = inDoubt.get();
    long seq = sealed.header.seq();
    if (!log.append(seq, sealed.object)) {
      throw fenced(seq);
    }
    last = new SealedLink(seq, sealed.object.hash());
    standing = sealed.header.standing();
    inDoubt = Optional.empty();
  }

  private RuntimeException fenced(long seq) throws IOException {
    OpenedObject<EntryHeader> entry = log.read(seq);
    if (entry.header().claim().isEmpty()) {
      return entry.badHeader(
          "it stands where a CLAIM or an entry of epoch " + epoch + " was expected");
    }
    return new FencedException(lineage, seq, entry.header().claim().get().holder());
  }

  boolean isInDoubt() {
    return inDoubt.isPresent();
  }

  /** The seq that the next append will have. */
  long nextSeq() {
    return (inDoubt.isPresent() ? inDoubt.get().header.seq() : last.seq()) + 1;
  }

  EntryLog log() {
    return log;
  }

  LineageNames names() {
    return log.names();
  }

  Lineage lineage() {
    return lineage;
  }

  Standing standing() {
    return standing;
  }

  /** The leases behind the last entry. */
  LeaseTable loadLeases() throws IOException {
    return LeaseTable.load(log, log.header(last.seq()));
  }

  SealedLink last() {
    return last;
  }

  Heartbeat.Place place() {
    return new Heartbeat.Place(log, epoch, last.seq());
  }
}
