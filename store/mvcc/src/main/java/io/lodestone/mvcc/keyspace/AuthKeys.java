package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.auth.AuthRows.Bucket;
import io.lodestone.auth.AuthStore;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;

/** Keys of the {@code auth} family: the name of etcd's bucket, a slash, and the key in it. */
public final class AuthKeys {
  private static final char SLASH = '/';

  private AuthKeys() {}

  public static ByteString of(Bucket bucket, ByteString key) {
    return prefix(bucket).concat(key);
  }

  private static ByteString prefix(Bucket bucket) {
    return ByteString.copyFromUtf8(bucket.bucketName() + SLASH);
  }

  /** Gives all rows to a store, which forgets what it knew; not visible yet. */
  public static void load(Rows rows, AuthStore store) {
    store.forget();
    try (Cursor cursor = rows.from(Family.AUTH, ByteString.EMPTY)) {
      while (cursor.next()) {
        load(cursor.key(), cursor.value(), store);
      }
    }
  }

  private static void load(ByteString rowKey, ByteString value, AuthStore store) {
    for (Bucket bucket : Bucket.values()) {
      ByteString prefix = prefix(bucket);
      if (rowKey.startsWith(prefix)) {
        store.load(bucket, rowKey.substring(prefix.size()), value);
        return;
      }
    }
    throw new CorruptDataException(
        "an auth row is of no bucket that is known",
        "check the disk; restore this data directory from a backup");
  }
}
