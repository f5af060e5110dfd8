package io.lodestone.auth;

import com.google.protobuf.ByteString;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** etcd's three buckets in memory. */
final class MemoryRows implements AuthRows {
  final Map<Bucket, NavigableMap<ByteString, ByteString>> buckets = new EnumMap<>(Bucket.class);

  MemoryRows() {
    for (Bucket bucket : Bucket.values()) {
      buckets.put(bucket, new TreeMap<>(ByteString.unsignedLexicographicalComparator()));
    }
  }

  @Override
  public void put(Bucket bucket, ByteString key, ByteString value) {
    buckets.get(bucket).put(key, value);
  }

  @Override
  public void delete(Bucket bucket, ByteString key) {
    buckets.get(bucket).remove(key);
  }

  /** A store that begins where these rows ended. */
  AuthStore reopened() {
    AuthStore store = new AuthStore(4);
    buckets.forEach((bucket, rows) -> rows.forEach((key, value) -> store.load(bucket, key, value)));
    store.loaded();
    return store;
  }
}
