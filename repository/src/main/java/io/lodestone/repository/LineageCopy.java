package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.chain.ObjectsAhead;
import io.lodestone.repository.chain.SealedLink;
import io.lodestone.repository.chain.SpanName;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.Span;
import io.lodestone.repository.format.Standing;
import io.lodestone.repository.objects.MissingObjectException;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Brings the copy of one log up to where the log ends. Entries and spans keep their names and
 * bytes, and come in the order of the log, each behind its parts: so the copy is a log at every
 * moment, and where it ends tells where the next run goes on.
 *
 * <p>How the copy is compacted, and what of it expires, is its own business: only what lies behind
 * its end is brought. Where the log's next object reaches back behind that end, since it was merged
 * meanwhile, what is new of it becomes a span of the copy's own ({@link SpanSlice}).
 *
 * <p>Confined to one thread; objects are read ahead, and parts copied, on those of {@link
 * ObjectsAhead}.
 */
final class LineageCopy {
  private final EntryLog from;
  private final EntryLog to;
  private final ObjectCopies objects;
  private final SpanSlice slices;
  private final ObjectsAhead ahead;

  /** What has expired, to be told once the base behind it can follow at once. */
  private final List<Piece> expired = new ArrayList<>();

  /** What the copy has for good. */
  private long durable;

  /** What is to be read next, behind the copy's end and what has expired there. */
  private long next;

  private Optional<SealedLink> previous = Optional.empty();
  private Standing standing = Standing.NOWHERE;
  private long epoch = 1;
  private long entries;

  /** An entry or a span, ready to be created; its bytes are whole. */
  record Piece(EntryHeader header, ByteString bytes) {
    SpanName spanName() {
      return new SpanName(
          header.firstSeq(), header.seq(), header.span().map(Span::level).orElse(0));
    }
  }

  /**
   * @param ahead reads {@code from}
   */
  LineageCopy(
      EntryLog from, EntryLog to, ObjectsAhead ahead, ObjectCopies objects, SpanSlice slices) {
    this.from = from;
    this.to = to;
    this.objects = objects;
    this.slices = slices;
    this.ahead = ahead;
  }

  /**
   * Finds out where the copy ends. Fails where it is no copy: something else has written into it.
   */
  void begin() throws IOException {
    OptionalLong end = to.lastSeq();
    if (end.isEmpty()) {
      OptionalLong first = from.firstSeq();
      next = first.isEmpty() ? 1 : from.firstCovered(first.getAsLong());
      return;
    }
    OpenedObject<EntryHeader> newest = to.read(end.getAsLong());
    moveBehind(newest);
    durable = newest.header().seq();
    if (from.lastSeq().orElse(0) < newest.header().seq()) {
      throw diverged(newest.header().seq());
    }
    OpenedObject<EntryHeader> same = from.read(newest.header().seq());
    boolean comparable = same.header().seq() == newest.header().seq();
    if (comparable
        ? !SealedLink.of(same).equals(SealedLink.of(newest))
        : newest.header().epoch() > same.header().epoch()) {
      throw diverged(newest.header().seq());
    }
  }

  private void moveBehind(OpenedObject<EntryHeader> piece) {
    previous = Optional.of(SealedLink.of(piece));
    next = piece.header().seq() + 1;
    standing = piece.header().standing();
    epoch = piece.header().epoch();
  }

  /** Copies what comes up to entry {@code target}, and reports each step to the heartbeat. */
  void copyTo(long target, Heartbeat heartbeat) throws IOException, InterruptedException {
    String missing = "";
    try {
      while (next <= target) {
        try {
          copy(ahead.entry(next, target));
          heartbeat.moveTo(place());
        } catch (MissingObjectException e) {
          // Merged or expired while it was read; what stands for it now is found by listing again.
          if (e.name().equals(missing)) {
            throw e;
          }
          missing = e.name();
          ahead.forgetEntries();
          List<SpanName> unused = from.allSpans();
        }
      }
    } finally {
      ahead.forgetEntries();
    }
  }

  Heartbeat.Place place() {
    return new Heartbeat.Place(to, epoch, durable);
  }

  long entries() {
    return entries;
  }

  long lastSeq() {
    return durable;
  }

  long revision() {
    return standing.revision();
  }

  private void copy(OpenedObject<EntryHeader> piece) throws IOException, InterruptedException {
    EntryHeader header = piece.header();
    boolean reachesBack = header.firstSeq() < next && previous.isPresent();
    if (!reachesBack && previous.isPresent()) {
      EntryLog.checkLink(piece, previous.get());
    }
    if (header.kind() == Kind.EXPIRED) {
      expired.add(reachesBack ? slices.expired(header, previous.get(), standing) : whole(piece));
      moveBehind(piece);
      return;
    }
    Piece made = reachesBack ? slices.merged(piece, previous.get(), standing) : withParts(piece);
    for (Piece gone : expired) {
      create(gone);
    }
    expired.clear();
    create(made);
    moveBehind(piece);
    durable = piece.header().seq();
  }

  private Piece withParts(OpenedObject<EntryHeader> piece)
      throws IOException, InterruptedException {
    objects.partsOf(piece.header());
    return whole(piece);
  }

  private static Piece whole(OpenedObject<EntryHeader> piece) {
    return new Piece(piece.header(), piece.stored());
  }

  private void create(Piece piece) throws IOException {
    LineageNames names = to.names();
    boolean span = piece.header.span().isPresent();
    Set<SpanName> known = span ? new HashSet<>(to.allSpans()) : Set.of();
    String name = span ? names.span(piece.spanName()) : names.entry(piece.header.seq());
    if (!objects.entry(name, piece.bytes)) {
      throw span ? overtaken() : diverged(piece.header.seq());
    }
    if (span) {
      checkAlone(piece, name, known);
    }
    entries++;
  }

  /** A span must not hide what somebody else has begun to write there: then it is taken back. */
  private void checkAlone(Piece piece, String name, Set<SpanName> known) throws IOException {
    SpanName own = piece.spanName();
    boolean spans =
        to.allSpans().stream()
            .filter(span -> !known.contains(span) && !span.equals(own))
            .anyMatch(span -> span.overlaps(own.firstSeq(), own.lastSeq()));
    String log = to.names().entries();
    Iterator<StoredObject> later = to.store().list(log, LineageNames.behind(log, durable));
    if (spans || later.hasNext()) {
      to.store().delete(name);
      throw overtaken();
    }
  }

  /** Marks what is marked in the log, as far as the copy has it. */
  void copyMarks() throws IOException {
    Marks marks = new Marks(to);
    List<Mark> there = marks.list();
    List<Stretch> stretches = History.read(to).stretches();
    for (Mark mark : new Marks(from).list()) {
      boolean known = there.stream().anyMatch(other -> other.revision() == mark.revision());
      if (!known && stretches.stream().anyMatch(stretch -> stretch.covers(mark.revision()))) {
        marks.set(mark);
      }
    }
  }

  /** Brings the source's hashes of what the copy has. */
  void copySourceHashes() throws IOException {
    SourceHashes known = new SourceHashes(from);
    SourceHashes copied = new SourceHashes(to);
    List<Long> there = copied.revisions();
    List<Stretch> stretches = History.read(to).stretches();
    for (long revision : known.revisions()) {
      boolean covered = stretches.stream().anyMatch(stretch -> stretch.covers(revision));
      if (covered && !there.contains(revision)) {
        Optional<SourceHash> hash = known.of(revision);
        if (hash.isPresent()) {
          copied.keep(hash.get());
        }
      }
    }
  }

  private LodestoneException diverged(long seq) {
    return new LodestoneException(
        "lineage "
            + to.names().lineage()
            + " at "
            + to.store().location()
            + " is no copy of the one at "
            + from.store().location()
            + ": its entry "
            + seq
            + " is another one",
        "an agent has written there, or the repository went back: copy to an empty place");
  }

  private LodestoneException overtaken() {
    return new LodestoneException(
        "somebody else writes lineage " + to.names().lineage() + " at " + to.store().location(),
        "let one copy at a time run, and no agent write to the copy; then copy again");
  }
}
