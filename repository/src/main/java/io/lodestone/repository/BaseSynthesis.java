package io.lodestone.repository;

import io.lodestone.repository.SelectedRows.Question;
import io.lodestone.repository.SurvivingRows.Cursor;
import io.lodestone.repository.SurvivingRows.TombstoneAtCompact;
import io.lodestone.repository.chain.ContentStream;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.format.BaseFacts;
import io.lodestone.repository.format.Damage;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.Standing;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.digest.KeyspaceDigest;
import io.lodestone.revisions.digest.RangeSum;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/**
 * A base made out of the newest base and the log behind it: what the source itself would give as a
 * snapshot. Rows that were superseded at or before the compact revision go; users, roles, alarms
 * and members are those of the base, since a change of these makes a new one; leases are the live
 * ones. Reads everything twice, and twice again and more to prove it. Confined to one thread.
 */
final class BaseSynthesis {
  private final EntryLog log;
  private final EntryHeader base;
  private final Standing standing;
  private final long lastSeq;
  private final Path spoolDirectory;

  /**
   * @param standing where the log stands behind its last entry {@code lastSeq}
   */
  BaseSynthesis(EntryLog log, Standing standing, long lastSeq, Path spoolDirectory)
      throws IOException {
    this.log = log;
    this.base = log.header(standing.baseSeq());
    this.standing = standing;
    this.lastSeq = lastSeq;
    this.spoolDirectory = spoolDirectory;
  }

  /** Takes items, one after another. */
  interface Taker {
    void take(StreamItem item) throws IOException, InterruptedException;
  }

  /** Gives the new base away, from its BaseStart to its Complete. */
  void giveTo(Taker taker, Collection<LeaseState> leases) throws IOException, InterruptedException {
    BaseFacts facts = base.base().orElseThrow();
    long compact = standing.compactScheduled();
    taker.take(new BaseStart(facts.origin(), standing.at(), Reason.REQUESTED, facts.prefix()));
    taker.take(new Compaction(compact, compact));
    for (LeaseState lease : leases) {
      taker.take(lease);
    }
    giveSideState(taker);
    SurvivingRows rows =
        SurvivingRows.find(
            log,
            Question.everything(base.seq(), lastSeq, standing.revision()),
            compact,
            TombstoneAtCompact.STAYS,
            spoolDirectory);
    try (Cursor surviving = rows.open()) {
      Optional<RevisionRecord> row = surviving.next();
      while (row.isPresent()) {
        taker.take(row.get());
        row = surviving.next();
      }
    }
    taker.take(new Complete(standing.revision(), standing.at()));
  }

  /** All side state of a base comes before its first row. */
  private void giveSideState(Taker taker) throws IOException, InterruptedException {
    try (ContentStream content = new ContentStream(log, log.read(base.seq()))) {
      Optional<StreamItem> item = content.next();
      while (item.isPresent() && !(item.get() instanceof RevisionRecord)) {
        if (!(item.get() instanceof LeaseState)) {
          taker.take(item.get());
        }
        item = content.next();
      }
    }
  }

  /**
   * Reads the new base back, and compares its digest with that of the base before and the log
   * behind it, which is found in another way: through the chain, as a restore reads them, and by
   * the digest's own notion of what survives.
   */
  void prove(OpenedObject<EntryHeader> made) throws IOException {
    long compact = standing.compactScheduled();
    RangeSum expected = KeyspaceDigest.of(this::scanLog, compact, standing.revision()).total();
    RangeSum found =
        KeyspaceDigest.of(visitor -> scan(made, compact, visitor), -1, standing.revision()).total();
    if (!found.equals(expected)) {
      throw Damage.corrupt(
          made.name(),
          0,
          "the base that was made has the digest " + found + ", the log behind " + expected);
    }
  }

  private void scanLog(RowScan.Visitor visitor) throws IOException {
    try (LogStream items = new LogStream(log, base.seq(), lastSeq, Optional.empty(), false)) {
      StreamItem item = items.poll(RevisionStream.FOREVER).orElseThrow();
      while (!(item instanceof End)) {
        if (item instanceof RevisionRecord row && !visitor.row(row)) {
          return;
        }
        item = items.poll(RevisionStream.FOREVER).orElseThrow();
      }
    }
  }

  /** A tombstone at the compact revision stays, and no digest counts it. */
  private void scan(OpenedObject<EntryHeader> made, long compact, RowScan.Visitor visitor)
      throws IOException {
    try (ContentStream content = new ContentStream(log, made)) {
      for (Optional<StreamItem> i = content.next(); i.isPresent(); i = content.next()) {
        boolean counts =
            i.get() instanceof RevisionRecord row && !(row.tombstone() && row.main() == compact);
        if (counts && !visitor.row((RevisionRecord) i.get())) {
          return;
        }
      }
    }
  }
}
