package io.lodestone.mvcc.compaction;

import com.google.protobuf.ByteString;
import io.lodestone.mvcc.compaction.Predecessors.Version;
import io.lodestone.mvcc.keyspace.IndexKeys;
import io.lodestone.mvcc.keyspace.RowKeys;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.RocksStore;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.util.Optional;

/**
 * Removes the rows that a compaction at {@code compact} supersedes: of every row since the
 * compaction before, the one that it replaced, and the deletions below {@code compact}. Done again
 * from the start, it finds less to do; a crash between any two batches does no harm.
 */
final class Removal {
  /** Rows looked at between two batches; small, so that a write waits for little. */
  static final int ROWS_IN_BATCH = 1000;

  private final RocksStore store;
  private final Mutations batch;
  private final long compact;
  private final int rowsInBatch;
  private ByteString from;
  private long removed;

  /**
   * @param finished the compaction before; its own deletions, which it kept, go now
   */
  Removal(RocksStore store, long finished, long compact, int rowsInBatch) {
    this.store = store;
    this.batch = store.newMutations();
    this.compact = compact;
    this.rowsInBatch = rowsInBatch;
    this.from = RowKeys.firstOf(Math.max(0, finished));
  }

  long removed() {
    return removed;
  }

  /** Removes the next few rows; false where there are no more. */
  boolean step() throws IOException {
    int seen = 0;
    try (Predecessors walk = new Predecessors(store.latest(), from, compact)) {
      Optional<RevisionRecord> next = walk.next();
      while (next.isPresent()) {
        RevisionRecord row = next.get();
        walk.of(row).ifPresent(before -> remove(before));
        if (row.tombstone() && row.main() < compact && !row.key().isEmpty()) {
          remove(row);
        }
        from = row.rowKey().concat(ByteString.copyFrom(new byte[1]));
        next = ++seen < rowsInBatch ? walk.next() : Optional.empty();
      }
    }
    if (!batch.isEmpty()) {
      store.write(batch);
      batch.clear();
    }
    return seen == rowsInBatch;
  }

  /** A deletion that was followed by another version was removed, and counted, in its own turn. */
  private void remove(Version version) {
    batch.delete(Family.REVISIONS, RowKeys.of(version.revision(), version.tombstone()));
    batch.delete(Family.INDEX, version.indexKey());
    removed += version.tombstone() ? 0 : 1;
  }

  private void remove(RevisionRecord row) {
    batch.delete(Family.REVISIONS, row.rowKey());
    batch.delete(Family.INDEX, IndexKeys.of(row.key(), row.main(), row.revision().sub()));
    removed++;
  }
}
