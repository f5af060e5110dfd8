package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.lodestone.api.Revision;
import io.lodestone.revisions.RevisionRecord;
import java.nio.ByteBuffer;

/**
 * Keys of the {@code revisions} family: main (8 bytes), {@code _}, sub (8 bytes), deletions + t.
 */
public final class RowKeys {
  private static final byte SEPARATOR = '_';
  private static final byte TOMBSTONE_MARK = 't';

  private RowKeys() {}

  public static ByteString of(long main, long sub, boolean tombstone) {
    byte[] bytes =
        new byte[tombstone ? RevisionRecord.ROW_KEY_LENGTH + 1 : RevisionRecord.ROW_KEY_LENGTH];
    ByteBuffer.wrap(bytes).putLong(main).put(SEPARATOR).putLong(sub);
    if (tombstone) {
      bytes[RevisionRecord.ROW_KEY_LENGTH] = TOMBSTONE_MARK;
    }
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  public static ByteString of(Revision revision, boolean tombstone) {
    return of(revision.main(), revision.sub(), tombstone);
  }

  /** Stands before every row of {@code main} and behind all rows of lower revisions. */
  public static ByteString firstOf(long main) {
    return of(main, 0, false);
  }
}
