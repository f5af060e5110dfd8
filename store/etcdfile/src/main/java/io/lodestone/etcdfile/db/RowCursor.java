package io.lodestone.etcdfile.db;

import io.lodestone.api.Revision;
import io.lodestone.etcdfile.bolt.BoltCursor;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.util.Optional;

/** Reads rows of the {@code key} bucket in order. Confined to one thread. */
final class RowCursor implements ItemReader<RevisionRecord> {
  private static final int SEPARATOR_AT = Long.BYTES;
  private static final int SUB_AT = SEPARATOR_AT + 1;
  private static final byte SEPARATOR = '_';
  private static final byte TOMBSTONE_MARK = 't';

  private final BoltCursor cursor;

  RowCursor(BoltCursor cursor) {
    this.cursor = cursor;
  }

  @Override
  public Optional<RevisionRecord> next() throws IOException {
    return cursor.next() ? Optional.of(rowAt(cursor)) : Optional.empty();
  }

  static RevisionRecord rowAt(BoltCursor cursor) {
    int size = cursor.keySize();
    boolean tombstone =
        size == RevisionRecord.ROW_KEY_LENGTH + 1
            && cursor.keyByteAt(RevisionRecord.ROW_KEY_LENGTH) == TOMBSTONE_MARK;
    if ((size != RevisionRecord.ROW_KEY_LENGTH && !tombstone)
        || cursor.keyByteAt(SEPARATOR_AT) != SEPARATOR
        || cursor.isBucket()) {
      throw cursor.corrupt("holds a row whose key is not of the form <main>_<sub>[t]");
    }
    long main = cursor.keyLongAt(0);
    long sub = cursor.keyLongAt(SUB_AT);
    if (main < 0 || sub < 0) {
      throw cursor.corrupt("holds a row with a negative revision");
    }
    return new RevisionRecord(new Revision(main, sub), tombstone, cursor.value());
  }
}
