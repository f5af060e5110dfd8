package io.lodestone.mvcc.compaction;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.mvcc.compaction.Predecessors.Version;
import io.lodestone.mvcc.keyspace.IndexKeys;
import io.lodestone.mvcc.keyspace.RowKeys;
import io.lodestone.mvcc.rocks.Rows;
import io.lodestone.revisions.RevisionRecord;
import java.util.Optional;

/**
 * Which of the puts at or below a compact revision are superseded at a later horizon.
 *
 * <p>Found by walking what changed since the last finished compaction, and kept as a set; where
 * that would become too large, each row is looked up instead. Confined to one thread.
 */
final class Liveness {
  static final int LARGEST_SET = 1 << 20;

  private final Rows rows;
  private final long horizon;
  private final Optional<RevisionSet> superseded;

  private Liveness(Rows rows, long horizon, Optional<RevisionSet> superseded) {
    this.rows = rows;
    this.horizon = horizon;
    this.superseded = superseded;
  }

  /**
   * @param finished up to which superseded rows are gone already; -1 for none
   */
  static Liveness at(Rows rows, long finished, long compact, long horizon, int largestSet) {
    RevisionSet superseded = new RevisionSet();
    try (Predecessors walk = new Predecessors(rows, RowKeys.firstOf(finished + 1), horizon)) {
      Optional<RevisionRecord> row = walk.next();
      while (row.isPresent() && superseded.size() <= largestSet) {
        Optional<Revision> before = walk.of(row.get()).map(Version::revision);
        before
            .filter(revision -> revision.main() <= compact)
            .ifPresent(revision -> superseded.add(revision.main(), revision.sub()));
        row = walk.next();
      }
    }
    boolean complete = superseded.size() <= largestSet;
    return new Liveness(rows, horizon, complete ? Optional.of(superseded) : Optional.empty());
  }

  /** For a put at or below the compact revision. */
  boolean isSuperseded(RevisionRecord row) {
    if (superseded.isPresent()) {
      return superseded.get().contains(row.main(), row.revision().sub());
    }
    ByteString key = row.key();
    return !key.isEmpty()
        && !IndexKeys.newest(rows, key, horizon).equals(Optional.of(row.revision()));
  }
}
