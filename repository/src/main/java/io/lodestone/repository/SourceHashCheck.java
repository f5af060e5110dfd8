package io.lodestone.repository;

import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.util.Optional;

/**
 * Holds what a log tells of a revision against the source's own hash of it, without restoring
 * anything: reads the base and the log behind it three times, and once more for each 600,000 rows.
 */
final class SourceHashCheck {
  private final EntryLog log;
  private final long firstSeq;
  private final long lastSeq;

  /**
   * @param hash one that is comparable with what {@code history} holds
   */
  SourceHashCheck(EntryLog log, History history, SourceHash hash) throws IOException {
    Stretch stretch = history.covering(hash.revision());
    this.log = log;
    this.firstSeq = stretch.base().seq();
    this.lastSeq = history.lastNeeded(stretch, hash.revision());
  }

  /** What is stored, hashed as the source did. */
  HashKv hashAs(SourceHash hash) throws IOException {
    return hash.hashOf(this::scan);
  }

  private void scan(RowScan.Visitor visitor) throws IOException {
    try (LogStream items = new LogStream(log, firstSeq, lastSeq, Optional.empty(), false)) {
      StreamItem item = items.poll(RevisionStream.FOREVER).orElseThrow();
      while (!(item instanceof End)) {
        if (item instanceof RevisionRecord row && !visitor.row(row)) {
          return;
        }
        item = items.poll(RevisionStream.FOREVER).orElseThrow();
      }
    }
  }
}
