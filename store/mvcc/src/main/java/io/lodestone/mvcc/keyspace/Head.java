package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import io.lodestone.revisions.RevisionRecord;
import java.util.function.Supplier;

/**
 * A live key: where in the history it stands, and its row there. A long value is stored in the
 * history only, and read from it when it is asked for, as long as the rows that the head came from
 * can be read.
 */
public final class Head {
  /** Half a block: a value from here on has no neighbours that a scan of heads would read too. */
  public static final int LONG_VALUE_BYTES = 4 << 10;

  /** Of the stored sub: the value stands in the history. */
  private static final int VALUE_IN_HISTORY = 1 << 31;

  private final KeyValue metadata;
  private final long sub;
  private final boolean whole;
  private final Supplier<ByteString> row;

  private Head(KeyValue metadata, long sub, boolean whole, Supplier<ByteString> row) {
    this.metadata = metadata;
    this.sub = sub;
    this.whole = whole;
    this.row = row;
  }

  public static Head of(KeyValue keyValue, long sub) {
    ByteString row = keyValue.toByteString();
    return new Head(keyValue, sub, true, () -> row);
  }

  /** Of an encoded KeyValue, a value of {@code revisions}. */
  public static Head ofRow(ByteString row, long sub) {
    return new Head(KeyValues.parse(row), sub, true, () -> row);
  }

  /** What made a key live at {@code revision}. */
  static Head at(Revision revision, Rows rows) {
    return ofRow(row(revision, rows), revision.sub());
  }

  /**
   * Reads a value of the {@code head} family: the row, without its value where that is long, then
   * sub in 4 bytes, big endian, of which the highest bit tells whether it is.
   *
   * @param rows where it comes from
   */
  static Head ofStored(ByteString stored, Rows rows) {
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
    if ((sub & VALUE_IN_HISTORY) == 0) {
      return ofRow(stored.substring(0, end), sub);
    }
    KeyValue metadata = KeyValues.parse(stored.substring(0, end));
    Revision at = new Revision(metadata.getModRevision(), sub & ~VALUE_IN_HISTORY);
    return new Head(metadata, at.sub(), false, () -> row(at, rows));
  }

  private static ByteString row(Revision at, Rows rows) {
    return rows.get(Family.REVISIONS, RowKeys.of(at, false))
        .orElseThrow(
            () ->
                new CorruptDataException(
                    "the row of revision " + at + ", which a key names, is missing",
                    "check the disk; restore this data directory from a backup"));
  }

  /** Its value in the {@code head} family. */
  public ByteString stored() {
    int position = Math.toIntExact(sub);
    if (whole && metadata.getValue().size() < LONG_VALUE_BYTES) {
      return KeyValues.followedBy(row(), position);
    }
    return KeyValues.followedBy(
        metadata.toBuilder().clearValue().build().toByteString(), position | VALUE_IN_HISTORY);
  }

  /** The same with its value at hand. */
  Head whole() {
    return whole ? this : ofRow(row(), sub);
  }

  /** The KeyValue as the history has it. */
  public KeyValue keyValue() {
    return whole ? metadata : KeyValues.parse(row());
  }

  /** The same, but for the value, which may be there or not. */
  public KeyValue metadata() {
    return metadata;
  }

  /** The encoded KeyValue, the value of its row in {@code revisions}. */
  public ByteString row() {
    return row.get();
  }

  public long sub() {
    return sub;
  }

  public ByteString key() {
    return metadata.getKey();
  }

  public long lease() {
    return metadata.getLease();
  }

  /** The row as it stands in the history. */
  public RevisionRecord record() {
    return new RevisionRecord(new Revision(metadata.getModRevision(), sub), false, row());
  }
}
