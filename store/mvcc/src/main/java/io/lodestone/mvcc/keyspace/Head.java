package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;

/**
 * A live key: its row, and where in the history it stands. Immutable.
 *
 * @param row the encoded KeyValue, the value of its row in {@code revisions}
 */
public record Head(KeyValue keyValue, ByteString row, long sub) {

  /** Reads a value of the {@code head} family: the row, then sub in 4 bytes, big endian. */
  public static Head ofStored(ByteString stored) {
    int end = stored.size() - Integer.BYTES;
    if (end < 0) {
      throw new CorruptDataException(
          "a head row of " + stored.size() + " bytes is too short",
          "check the disk; restore this data directory from a backup");
    }
    int sub = 0;
    for (int i = end; i < stored.size(); i++) {
      sub = sub << Byte.SIZE | (stored.byteAt(i) & 0xff);
    }
    ByteString row = stored.substring(0, end);
    return new Head(KeyValues.parse(row), row, sub);
  }

  public static Head of(KeyValue keyValue, long sub) {
    return new Head(keyValue, keyValue.toByteString(), sub);
  }

  /** Its value in the {@code head} family. */
  public ByteString stored() {
    return KeyValues.withSub(row, sub);
  }

  public ByteString key() {
    return keyValue.getKey();
  }

  public long lease() {
    return keyValue.getLease();
  }

  /** The row as it stands in the history. */
  public RevisionRecord record() {
    return new RevisionRecord(new Revision(keyValue.getModRevision(), sub), false, row);
  }
}
