package io.lodestone.mvcc.compaction;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.mvcc.keyspace.IndexKeys;
import io.lodestone.mvcc.keyspace.RowKeys;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import io.lodestone.revisions.RevisionRecord;
import java.util.Optional;

/**
 * Walks the rows of a span of revisions, and finds for each the row of the same key that it
 * superseded. Confined to one thread.
 */
final class Predecessors implements AutoCloseable {
  private final Cursor rows;
  private final Cursor index;

  /** Rows from the first of {@code from} up to the last of main revision {@code last}. */
  Predecessors(Rows stored, ByteString from, long last) {
    this.rows = stored.between(Family.REVISIONS, from, RowKeys.firstOf(last + 1));
    this.index = stored.from(Family.INDEX, ByteString.EMPTY);
  }

  /** The row at which the walk stands next; empty at the end. */
  Optional<RevisionRecord> next() {
    return rows.next()
        ? Optional.of(RevisionRecord.ofRow(rows.key(), rows.value()))
        : Optional.empty();
  }

  /** What {@code row} superseded; empty where the key was new, or its past is gone already. */
  Optional<Version> of(RevisionRecord row) {
    ByteString key = row.key();
    if (key.isEmpty()) {
      return Optional.empty();
    }
    ByteString own = IndexKeys.of(key, row.main(), row.revision().sub());
    index.seek(own);
    if (!index.next()) {
      return Optional.empty();
    }
    boolean found = !index.key().equals(own) || index.next();
    return found && IndexKeys.isOf(index.key(), key)
        ? Optional.of(new Version(index.key(), !index.value().isEmpty()))
        : Optional.empty();
  }

  /** One revision of one key, as the index knows it. */
  record Version(ByteString indexKey, boolean tombstone) {
    Revision revision() {
      return IndexKeys.revision(indexKey);
    }
  }

  @Override
  public void close() {
    index.close();
    rows.close();
  }
}
