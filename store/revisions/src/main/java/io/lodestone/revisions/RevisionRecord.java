package io.lodestone.revisions;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One change of one key: a row of etcd's {@code key} bucket. {@code value} is the row's value to
 * the byte: an encoded {@link KeyValue} with ascending fields and no zero fields, of which a
 * tombstone has only the key. It is empty only in the row that a restore with a revision bump
 * leaves behind. Immutable.
 */
public record RevisionRecord(Revision revision, boolean tombstone, ByteString value)
    implements StreamItem {
  private static final int KEY_TAG =
      (KeyValue.KEY_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final byte SEPARATOR = '_';
  private static final byte TOMBSTONE_MARK = 't';

  /**
   * Length of the key of a row that is not a tombstone: main (8 bytes), {@code _}, sub (8 bytes).
   */
  public static final int ROW_KEY_LENGTH = 17;

  public static RevisionRecord put(Revision revision, KeyValue keyValue) {
    return new RevisionRecord(revision, false, keyValue.toByteString());
  }

  public static RevisionRecord delete(Revision revision, ByteString key) {
    return new RevisionRecord(
        revision, true, KeyValue.newBuilder().setKey(key).build().toByteString());
  }

  /**
   * Reads a row as etcd stores it; fails with {@link CorruptDataException} if {@code rowKey} is not
   * 17 or 18 bytes of its form.
   */
  public static RevisionRecord ofRow(ByteString rowKey, ByteString rowValue) {
    boolean tombstone =
        rowKey.size() == ROW_KEY_LENGTH + 1 && rowKey.byteAt(ROW_KEY_LENGTH) == TOMBSTONE_MARK;
    if (rowKey.size() != ROW_KEY_LENGTH && !tombstone) {
      throw notARow(rowKey);
    }
    ByteBuffer buffer = rowKey.asReadOnlyByteBuffer();
    long main = buffer.getLong();
    byte separator = buffer.get();
    long sub = buffer.getLong();
    if (separator != SEPARATOR || main < 0 || sub < 0) {
      throw notARow(rowKey);
    }
    return new RevisionRecord(new Revision(main, sub), tombstone, rowValue);
  }

  private static CorruptDataException notARow(ByteString rowKey) {
    return new CorruptDataException(
        "a row key of " + rowKey.size() + " bytes is not of the form <main>_<sub>[t]",
        "the file is damaged or is not an etcd v3 database; use another copy");
  }

  /** The row's key: 17 bytes, or 18 for a tombstone. */
  public ByteString rowKey() {
    ByteBuffer buffer = ByteBuffer.allocate(tombstone ? ROW_KEY_LENGTH + 1 : ROW_KEY_LENGTH);
    buffer.putLong(revision.main()).put(SEPARATOR).putLong(revision.sub());
    if (tombstone) {
      buffer.put(TOMBSTONE_MARK);
    }
    return ByteString.copyFrom(buffer.flip());
  }

  public long main() {
    return revision.main();
  }

  /**
   * The user's key; empty only for the row of a revision bump. Reads the first field, not the whole
   * value.
   */
  public ByteString key() {
    if (value.isEmpty()) {
      return ByteString.EMPTY;
    }
    try {
      CodedInputStream in = value.newCodedInput();
      in.enableAliasing(true);
      return in.readTag() == KEY_TAG ? in.readBytes() : ByteString.EMPTY;
    } catch (IOException e) {
      throw corruptValue(e);
    }
  }

  public KeyValue keyValue() {
    try {
      return KeyValue.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw corruptValue(e);
    }
  }

  private CorruptDataException corruptValue(IOException e) {
    return new CorruptDataException(
        "the row at revision " + revision + " is not an encoded KeyValue",
        "the data is damaged; use another copy",
        e);
  }
}
