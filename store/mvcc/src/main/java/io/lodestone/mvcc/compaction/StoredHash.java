package io.lodestone.mvcc.compaction;

import com.google.protobuf.ByteString;
import io.lodestone.mvcc.keyspace.Keys;
import io.lodestone.mvcc.keyspace.NewestKeys;
import io.lodestone.mvcc.keyspace.PastKeys;
import io.lodestone.mvcc.keyspace.RowKeys;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.digest.HashKv;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * etcd's HashKV over stored rows, by one pass over what changed since the last compaction and one
 * over all rows. {@link HashKv} is the same without an index to ask; tests hold the two against
 * each other.
 */
final class StoredHash {
  private final Rows rows;
  private final long finished;
  private final int largestSet;

  /**
   * @param rows that do not change meanwhile
   * @param finished up to which superseded rows are known to be gone
   */
  StoredHash(Rows rows, long finished, int largestSet) {
    this.rows = rows;
    this.finished = finished;
    this.largestSet = largestSet;
  }

  /** As a member answers that is asked at {@code revision}. */
  HashKv asked(long compact, long revision, long current) {
    Keys keys = revision == current ? new NewestKeys(rows) : new PastKeys(rows, revision);
    return hash(compact, revision, compact >= 0 && keys.any());
  }

  /**
   * As a member remembers it when it compacts at {@code revision}; it then also counts a deletion
   * at exactly this revision as something that is kept.
   */
  HashKv compacted(long compact, long revision) {
    boolean keepsAny =
        compact >= 0 && (new PastKeys(rows, revision).any() || hasTombstoneAt(revision));
    return hash(compact, revision, keepsAny);
  }

  private boolean hasTombstoneAt(long revision) {
    try (Cursor cursor =
        rows.between(Family.REVISIONS, RowKeys.firstOf(revision), RowKeys.firstOf(revision + 1))) {
      boolean found = false;
      while (!found && cursor.next()) {
        found = cursor.key().size() > RevisionRecord.ROW_KEY_LENGTH;
      }
      return found;
    }
  }

  private HashKv hash(long compact, long revision, boolean skipsSuperseded) {
    CRC32C crc = new CRC32C();
    crc.update("key".getBytes(StandardCharsets.US_ASCII));
    Optional<Liveness> liveness =
        skipsSuperseded
            ? Optional.of(Liveness.at(rows, finished, compact, revision, largestSet))
            : Optional.empty();
    try (Cursor cursor =
        rows.between(Family.REVISIONS, ByteString.EMPTY, RowKeys.firstOf(revision + 1))) {
      while (cursor.next()) {
        ByteString rowKey = cursor.key();
        ByteString value = cursor.value();
        RevisionRecord row = RevisionRecord.ofRow(rowKey, value);
        if (row.main() > compact || counts(row, compact, liveness)) {
          crc.update(rowKey.asReadOnlyByteBuffer());
          crc.update(value.asReadOnlyByteBuffer());
        }
      }
    }
    return new HashKv((int) crc.getValue(), compact, revision);
  }

  /** For a row at or below the compact revision. */
  private static boolean counts(RevisionRecord row, long compact, Optional<Liveness> liveness) {
    if (row.tombstone()) {
      return liveness.isEmpty() && row.main() != compact;
    }
    return liveness.isEmpty() || !liveness.get().isSuperseded(row);
  }
}
