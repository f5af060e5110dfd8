package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.chain.ContentStream;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.ObjectsAhead;
import io.lodestone.repository.chain.SealedLink;
import io.lodestone.repository.chain.SpanName;
import io.lodestone.repository.format.BaseFacts;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.Standing;
import io.lodestone.repository.objects.MissingObjectException;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The entries {@code [from, to]} of a log as one stream; {@code from} is a BASE, or a SEGMENT that
 * a reader continues with. Each entry is checked against its hash, its place, the entry before it,
 * and its own header. A base that tells a continuing reader nothing new is passed over. Confined to
 * one reader.
 */
final class LogStream implements RevisionStream {
  private final EntryLog log;
  private final long from;
  private final long to;
  private final Optional<Reason> reason;
  private final boolean everyBase;
  private final Optional<ObjectsAhead> ahead;
  private long next;
  private Optional<SealedLink> previous = Optional.empty();
  private Optional<Standing> standing = Optional.empty();
  private Optional<OpenedEntry> open = Optional.empty();
  private boolean beyond;
  private volatile boolean closed;

  /**
   * @param reason what the first base says why it was taken; empty for what is stored
   * @param everyBase true to deliver also the bases that tell nothing new
   */
  LogStream(EntryLog log, long from, long to, Optional<Reason> reason, boolean everyBase) {
    this(log, from, to, reason, everyBase, 0);
  }

  /**
   * @param objectsAhead how many objects are read ahead; 0 for none
   */
  LogStream(
      EntryLog log,
      long from,
      long to,
      Optional<Reason> reason,
      boolean everyBase,
      int objectsAhead) {
    this.log = log;
    this.ahead =
        objectsAhead > 0 ? Optional.of(new ObjectsAhead(log, objectsAhead)) : Optional.empty();
    this.from = from;
    this.next = from;
    this.to = to;
    this.reason = reason;
    this.everyBase = everyBase;
  }

  /** An entry being read from {@code seq} on; {@code last} is what its content must end with. */
  private static final class OpenedEntry {
    final OpenedObject<EntryHeader> object;
    final ContentStream content;
    final long seq;
    int pending;
    long delivered;
    Optional<Complete> last = Optional.empty();

    OpenedEntry(OpenedObject<EntryHeader> object, ContentStream content, long seq) {
      this.object = object;
      this.content = content;
      this.seq = seq;
    }
  }

  /**
   * Whether a span was read so far that also holds entries before or behind those asked for: merged
   * by somebody else since they were chosen. Its items were delivered all the same.
   */
  boolean isBeyond() {
    return beyond;
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException {
    return Optional.of(nextItem());
  }

  private StreamItem nextItem() throws IOException {
    while (true) {
      if (closed) {
        throw new IOException("the stream was closed");
      }
      if (open.isEmpty() && next > to) {
        return new End();
      }
      if (open.isEmpty()) {
        openEntry();
      }
      if (open.isPresent()) {
        Optional<StreamItem> item = item(open.get());
        if (item.isPresent()) {
          return item.get();
        }
        closeEntry();
      }
    }
  }

  private void openEntry() throws IOException {
    long seq = next;
    Optional<SealedLink> link = previous;
    try {
      openEntry(ahead.isPresent() ? ahead.get().entry(seq, to) : log.read(seq));
    } catch (MissingObjectException e) {
      // Merged since it was read: what stands for it now is found by listing again.
      ahead.ifPresent(ObjectsAhead::forgetEntries);
      List<SpanName> unused = log.allSpans();
      next = seq;
      previous = link;
      openEntry(log.read(seq));
    }
  }

  private void openEntry(OpenedObject<EntryHeader> entry) throws IOException {
    EntryHeader header = entry.header();
    beyond |= header.firstSeq() < from || header.seq() > to;
    boolean whole = header.firstSeq() == next;
    if (whole) {
      previous.ifPresent(link -> EntryLog.checkLink(entry, link));
    }
    Optional<Standing> reached = standing;
    long seq = next;
    previous = Optional.of(SealedLink.of(entry));
    next = header.seq() + 1;
    if (header.kind() == Kind.EXPIRED) {
      throw expired(header);
    }
    if (header.kind() == Kind.SEGMENT || (header.kind() == Kind.BASE && isNews(header))) {
      open = Optional.of(new OpenedEntry(entry, new ContentStream(log, entry, ahead), seq));
    } else {
      standing = Optional.of(header.standing());
    }
    if (!whole && reached.isPresent()) {
      skipTo(open.orElseThrow(), reached.get());
    }
  }

  /** The beginning of a span was delivered from the entries that it has replaced meanwhile. */
  private static void skipTo(OpenedEntry span, Standing reached) throws IOException {
    Complete mark = new Complete(reached.revision(), reached.at());
    Optional<StreamItem> item = span.content.next();
    while (item.isPresent() && !item.get().equals(mark)) {
      item = span.content.next();
    }
    if (item.isEmpty()) {
      throw span.object.badHeader("it must go past " + mark + " and does not");
    }
    span.last = Optional.of(mark);
  }

  private LodestoneException expired(EntryHeader header) {
    return new LodestoneException(
        "the entries "
            + header.firstSeq()
            + " to "
            + header.seq()
            + " of lineage "
            + log.names().lineage()
            + " have expired: retention deleted them",
        "choose a point that is still kept; describe lists them");
  }

  private boolean isNews(EntryHeader header) {
    BaseFacts facts = header.base().orElseThrow();
    return everyBase
        || standing.isEmpty()
        || facts.reason() != Reason.REQUESTED
        || header.standing().revision() != standing.get().revision();
  }

  private Optional<StreamItem> item(OpenedEntry entry) throws IOException {
    EntryHeader header = entry.object.header();
    if (header.kind() == Kind.SEGMENT) {
      return segmentItem(entry);
    }
    return baseItem(entry, header);
  }

  private Optional<StreamItem> segmentItem(OpenedEntry entry) throws IOException {
    Optional<StreamItem> item;
    try {
      item = entry.content.next();
    } catch (MissingObjectException e) {
      return segmentItem(reopened(entry, e));
    }
    entry.delivered++;
    if (item.isPresent() && item.get() instanceof Complete mark) {
      entry.last = Optional.of(mark);
    }
    return item;
  }

  /** Finds where the rest of an entry is that was merged into a span while it was read. */
  private OpenedEntry reopened(OpenedEntry gone, MissingObjectException missing)
      throws IOException {
    gone.content.close();
    ahead.ifPresent(ObjectsAhead::forgetEntries);
    open = Optional.empty();
    next = gone.seq;
    previous = Optional.empty();
    openEntry();
    OpenedEntry found = open.orElseThrow(() -> missing);
    if (found.object.name().equals(gone.object.name())) {
      throw missing;
    }
    while (found.delivered < gone.delivered && segmentItem(found).isPresent()) {
      // delivered before
    }
    return found;
  }

  /** A base's marks stand in its header, around its content. */
  private Optional<StreamItem> baseItem(OpenedEntry entry, EntryHeader header) throws IOException {
    BaseFacts facts = header.base().orElseThrow();
    Standing behind = header.standing();
    return switch (entry.pending) {
      case 0 -> {
        entry.pending = 1;
        Reason told = standing.isEmpty() ? reason.orElse(facts.reason()) : facts.reason();
        yield Optional.of(new BaseStart(facts.origin(), facts.capturedAt(), told, facts.prefix()));
      }
      case 1 -> {
        entry.pending = 2;
        yield Optional.of(new Compaction(behind.compactScheduled(), behind.compactFinished()));
      }
      case 2 -> {
        Optional<StreamItem> item = entry.content.next();
        if (item.isPresent()) {
          yield item;
        }
        entry.pending = 3;
        Complete mark = new Complete(behind.revision(), behind.at());
        entry.last = Optional.of(mark);
        yield Optional.of(mark);
      }
      default -> Optional.empty();
    };
  }

  private void closeEntry() {
    OpenedEntry entry = open.orElseThrow();
    open = Optional.empty();
    entry.content.close();
    Standing behind = entry.object.header().standing();
    standing = Optional.of(behind);
    Complete expected = new Complete(behind.revision(), behind.at());
    if (!entry.last.equals(Optional.of(expected))) {
      throw disagreement(entry, expected);
    }
  }

  private static LodestoneException disagreement(OpenedEntry entry, Complete expected) {
    return entry.object.badHeader(
        "it says that it ends with " + expected + ", but it ends with " + entry.last);
  }

  @Override
  public void close() {
    closed = true;
    open.ifPresent(entry -> entry.content.close());
    open = Optional.empty();
    ahead.ifPresent(ObjectsAhead::close);
  }
}
