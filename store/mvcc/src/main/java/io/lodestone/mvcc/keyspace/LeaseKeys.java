package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Keys of the {@code lease_keys} family: the lease's id (8 bytes), then the user's key. */
public final class LeaseKeys {
  private LeaseKeys() {}

  public static ByteString of(long lease, ByteString key) {
    byte[] bytes = new byte[Long.BYTES + key.size()];
    ByteBuffer.wrap(bytes).putLong(lease);
    key.copyTo(bytes, Long.BYTES);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  /** The key of a lease in the {@code lease} family. */
  public static ByteString id(long lease) {
    return of(lease, ByteString.EMPTY);
  }

  /** The keys attached to a lease, in ascending order. */
  public static List<ByteString> attached(Rows rows, long lease) {
    ByteString prefix = id(lease);
    List<ByteString> keys = new ArrayList<>();
    try (Cursor cursor = rows.from(Family.LEASE_KEYS, prefix)) {
      while (cursor.next()) {
        ByteString row = cursor.key();
        if (!row.startsWith(prefix)) {
          break;
        }
        keys.add(row.substring(Long.BYTES));
      }
    }
    return keys;
  }
}
