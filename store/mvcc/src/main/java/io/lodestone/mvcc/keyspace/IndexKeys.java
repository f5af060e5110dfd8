package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.Revision;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Keys of the {@code index} family: the user's key in a form that keeps its order, then the
 * complement of main and sub (8 bytes each), so that the newest revision of a key comes first.
 *
 * <p>In the user's key a zero byte is written as {@code 00 ff}, and {@code 00 01} ends it: {@code
 * "a"} sorts before {@code "a\0"} as it must.
 */
public final class IndexKeys {
  private static final int SUFFIX_LENGTH = 2 * Long.BYTES;
  private static final byte ESCAPED_ZERO = (byte) 0xff;
  private static final byte END = 1;
  private static final byte BEHIND_END = 2;

  /** What the row says of a deletion; empty for everything else. */
  public static final ByteString TOMBSTONE = ByteString.copyFrom(new byte[] {'t'});

  private IndexKeys() {}

  public static ByteString of(ByteString key, long main, long sub) {
    byte[] bytes = escaped(key, END, SUFFIX_LENGTH);
    ByteBuffer.wrap(bytes, bytes.length - SUFFIX_LENGTH, SUFFIX_LENGTH)
        .putLong(~main)
        .putLong(~sub);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  /** Stands before every revision of {@code key} that is at or below {@code main}. */
  static ByteString newestUpTo(ByteString key, long main) {
    return of(key, main, -1);
  }

  /** Stands before every revision of {@code key} and of all greater keys. */
  static ByteString before(ByteString key) {
    return UnsafeByteOperations.unsafeWrap(escaped(key, END, 0));
  }

  /** Stands behind every revision of {@code key} and before those of all greater keys. */
  static ByteString behind(ByteString key) {
    return UnsafeByteOperations.unsafeWrap(escaped(key, BEHIND_END, 0));
  }

  private static byte[] escaped(ByteString key, byte end, int more) {
    int zeros = 0;
    for (int i = 0; i < key.size(); i++) {
      zeros += key.byteAt(i) == 0 ? 1 : 0;
    }
    byte[] bytes = new byte[key.size() + zeros + 2 + more];
    int at = 0;
    if (zeros == 0) {
      key.copyTo(bytes, 0);
      at = key.size();
    } else {
      for (int i = 0; i < key.size(); i++) {
        byte b = key.byteAt(i);
        bytes[at++] = b;
        if (b == 0) {
          bytes[at++] = ESCAPED_ZERO;
        }
      }
    }
    bytes[at + 1] = end;
    return bytes;
  }

  /** The user's key in an index key. */
  static ByteString userKey(ByteString indexKey) {
    ByteArrayOutputStream key = new ByteArrayOutputStream(indexKey.size());
    for (int i = 0; i + 1 < indexKey.size(); i++) {
      byte b = indexKey.byteAt(i);
      if (b != 0) {
        key.write(b);
      } else if (indexKey.byteAt(++i) == ESCAPED_ZERO) {
        key.write(0);
      } else {
        return UnsafeByteOperations.unsafeWrap(key.toByteArray());
      }
    }
    throw damaged(indexKey);
  }

  /** The newest revision of {@code key} at or below {@code main}, a deletion included. */
  public static Optional<Revision> newest(Rows rows, ByteString key, long main) {
    try (Cursor cursor = rows.between(Family.INDEX, newestUpTo(key, main), behind(key))) {
      return cursor.next() ? Optional.of(revision(cursor.key())) : Optional.empty();
    }
  }

  /** True where an index key is one of {@code key}. */
  public static boolean isOf(ByteString indexKey, ByteString key) {
    return indexKey.startsWith(before(key));
  }

  /** The revision in an index key. */
  public static Revision revision(ByteString indexKey) {
    if (indexKey.size() < SUFFIX_LENGTH) {
      throw damaged(indexKey);
    }
    ByteBuffer suffix = indexKey.substring(indexKey.size() - SUFFIX_LENGTH).asReadOnlyByteBuffer();
    long main = ~suffix.getLong();
    long sub = ~suffix.getLong();
    if (main < 0 || sub < 0) {
      throw damaged(indexKey);
    }
    return new Revision(main, sub);
  }

  private static CorruptDataException damaged(ByteString indexKey) {
    return new CorruptDataException(
        "an index key of " + indexKey.size() + " bytes is not of its form",
        "check the disk; restore this data directory from a backup");
  }
}
