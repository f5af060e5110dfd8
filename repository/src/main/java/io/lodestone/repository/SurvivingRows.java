package io.lodestone.repository;

import io.lodestone.repository.SelectedRows.Question;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;

/**
 * The rows that a compaction leaves: all above the compact revision, and of those up to it the last
 * of each key that is not deleted then. A compact revision that is also the last of the question
 * leaves the state at that revision. Immutable; found by reading the rows once, read again by each
 * cursor.
 */
final class SurvivingRows {
  private final EntryLog log;
  private final Question question;
  private final long compactRevision;
  private final BitSet alive;

  private SurvivingRows(EntryLog log, Question question, long compactRevision, BitSet alive) {
    this.log = log;
    this.question = question;
    this.compactRevision = compactRevision;
    this.alive = alive;
  }

  /** Of a key that is deleted exactly at the compact revision, whether the tombstone stays. */
  enum TombstoneAtCompact {
    /** As etcd keeps it since 3.4.34 and 3.5.16, for watches that start there. */
    STAYS,
    GOES
  }

  static SurvivingRows find(
      EntryLog log,
      Question question,
      long compactRevision,
      TombstoneAtCompact tombstone,
      Path spoolDirectory)
      throws IOException {
    try (LastRows last = new LastRows(spoolDirectory);
        SelectedRows rows = new SelectedRows(log, question)) {
      Optional<RevisionRecord> row = rows.nextRow();
      while (row.isPresent() && row.get().main() <= compactRevision) {
        boolean stays =
            tombstone == TombstoneAtCompact.STAYS && row.get().main() == compactRevision;
        last.add(row.get().key(), !row.get().tombstone() || stays);
        row = rows.nextRow();
      }
      return new SurvivingRows(log, question, compactRevision, last.find());
    }
  }

  /** Reads them once more, in order of revision; the caller closes the cursor. */
  Cursor open() {
    return new Cursor(new SelectedRows(log, question));
  }

  /** A pass over the rows. Confined to one thread. */
  final class Cursor implements AutoCloseable {
    private final SelectedRows rows;
    private int number;

    private Cursor(SelectedRows rows) {
      this.rows = rows;
    }

    /** The next row, or empty at the end. */
    Optional<RevisionRecord> next() throws IOException {
      Optional<RevisionRecord> row = rows.nextRow();
      while (row.isPresent() && row.get().main() <= compactRevision && !alive.get(number++)) {
        row = rows.nextRow();
      }
      return row;
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}
