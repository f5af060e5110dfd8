package io.lodestone.repository;

import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.KeyIndexes;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.FrameReader;
import io.lodestone.repository.format.KeyIndexHeader.PartKeys;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.objects.MissingObjectException;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The rows of some entries that a question is about, in order of revision, each followed by the
 * Complete of its revision where the log has one. Parts that cannot hold such a row are not read.
 * Each object is checked by itself, but not its link to the one before. Entries that are merged
 * meanwhile are found again. Holds one object in memory. Confined to one thread.
 */
final class SelectedRows implements AutoCloseable {
  private final EntryLog log;
  private final Optional<KeyRange> keys;
  private final long toSeq;
  private final long lastRevision;

  /** The seq of the entry at hand, or the next where there is none. */
  private long seq;

  private Optional<OpenedObject<EntryHeader>> entry = Optional.empty();
  private Iterator<PartFacts> parts = List.<PartFacts>of().iterator();
  private Optional<FrameReader> frames = Optional.empty();
  private Optional<String> indexedSet = Optional.empty();
  private Optional<KeyIndexes> indexes = Optional.empty();
  private boolean inEntry;

  /** The last row that was passed on; what is read again goes on behind it. */
  private Revision reached;

  private boolean awaitsComplete;

  /** What to look for, and where. */
  record Question(
      Optional<KeyRange> keys, long fromSeq, long toSeq, long afterRevision, long lastRevision) {

    /** Every row of these entries up to a revision. */
    static Question everything(long fromSeq, long toSeq, long lastRevision) {
      return new Question(Optional.empty(), fromSeq, toSeq, 0, lastRevision);
    }
  }

  SelectedRows(EntryLog log, Question question) {
    this.log = log;
    this.keys = question.keys();
    this.seq = question.fromSeq();
    this.toSeq = question.toSeq();
    this.reached = new Revision(question.afterRevision(), Long.MAX_VALUE);
    this.lastRevision = question.lastRevision();
  }

  /** The next row, or the Complete behind it; empty at the end. */
  Optional<StreamItem> next() throws IOException {
    while (frames.isPresent() || openFrames()) {
      Optional<StreamItem> item = frames.get().next();
      if (item.isEmpty()) {
        closeFrames();
      } else if (item.get() instanceof RevisionRecord row) {
        if (row.main() > lastRevision) {
          close();
          return Optional.empty();
        }
        if (isAskedFor(row)) {
          reached = row.revision();
          awaitsComplete = entry.orElseThrow().header().kind() == Kind.SEGMENT;
          return item;
        }
      } else if (item.get() instanceof Complete && awaitsComplete) {
        awaitsComplete = false;
        return item;
      }
    }
    return Optional.empty();
  }

  /** The next row, whatever comes between; empty at the end. */
  Optional<RevisionRecord> nextRow() throws IOException {
    Optional<StreamItem> item = next();
    while (item.isPresent() && !(item.get() instanceof RevisionRecord)) {
      item = next();
    }
    return item.map(RevisionRecord.class::cast);
  }

  private boolean isAskedFor(RevisionRecord row) {
    return row.revision().isAfter(reached) && (keys.isEmpty() || keys.get().contains(row.key()));
  }

  private boolean openFrames() throws IOException {
    while (entry.isPresent() || seq <= toSeq) {
      if (entry.isEmpty()) {
        openEntry();
      } else if (parts.hasNext()) {
        openPart(parts.next());
      } else if (!inEntry) {
        inEntry = true;
        frames = Optional.of(entry.get().frames());
      } else {
        seq = entry.get().header().seq() + 1;
        entry = Optional.empty();
      }
      if (frames.isPresent()) {
        return true;
      }
    }
    return false;
  }

  private void openEntry() throws IOException {
    OpenedObject<EntryHeader> opened = log.read(seq);
    if (opened.header().kind() == Kind.EXPIRED) {
      throw new LodestoneException(
          "entry " + seq + " of lineage " + log.names().lineage() + " has expired meanwhile",
          "choose a point that is still kept; describe lists them");
    }
    entry = Optional.of(opened);
    parts = opened.header().parts().iterator();
    inEntry = false;
  }

  private void openPart(PartFacts part) throws IOException {
    if (!mayMatter(part)) {
      return;
    }
    try {
      frames = Optional.of(log.read(part).frames());
    } catch (MissingObjectException e) {
      OpenedObject<EntryHeader> gone = entry.orElseThrow();
      openEntry();
      if (entry.orElseThrow().name().equals(gone.name())) {
        throw e;
      }
    }
  }

  private boolean mayMatter(PartFacts part) throws IOException {
    if (awaitsComplete) {
      return true;
    }
    if (!indexedSet.equals(Optional.of(part.set()))) {
      indexes = Optional.of(KeyIndexes.of(log, part.set()));
      indexedSet = Optional.of(part.set());
    }
    KeyIndexes index = indexes.orElseThrow();
    Optional<PartKeys> known = index.of(part.number());
    boolean outside =
        known.isPresent()
            && (known.get().records() == 0
                || known.get().firstRevision() > lastRevision
                || known.get().lastRevision() < reached.main());
    return !outside && (keys.isEmpty() || index.mayContain(part.number(), keys.get()));
  }

  private void closeFrames() {
    frames.ifPresent(FrameReader::close);
    frames = Optional.empty();
  }

  /** Ends it. */
  @Override
  public void close() {
    closeFrames();
    entry = Optional.empty();
    parts = List.<PartFacts>of().iterator();
    seq = Long.MAX_VALUE;
  }
}
