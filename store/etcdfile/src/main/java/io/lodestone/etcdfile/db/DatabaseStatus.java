package io.lodestone.etcdfile.db;

import io.lodestone.etcdfile.bolt.BoltBucket;
import io.lodestone.etcdfile.bolt.BoltCursor;
import java.io.IOException;

/**
 * What {@code etcdctl snapshot status} (3.4) and {@code etcdutl snapshot status} (3.5) print.
 * Immutable.
 *
 * @param hash see {@link BackendHash#STATUS}
 * @param revision of the last row, which may be below the store's
 * @param totalKeys entries of all buckets; etcd 3.6 counts live keys instead
 * @param sizeBytes of the database's pages
 */
public record DatabaseStatus(long hash, long revision, long totalKeys, long sizeBytes) {

  /** Reads the whole database twice. */
  public static DatabaseStatus of(EtcdDatabase database) throws IOException {
    return new DatabaseStatus(
        BackendHash.STATUS.of(database),
        database.lastRowRevision(),
        countEntries(database),
        database.file().databaseBytes());
  }

  private static long countEntries(EtcdDatabase database) throws IOException {
    long count = 0;
    BoltBucket root = database.file().root();
    BoltCursor buckets = root.cursor();
    while (buckets.next()) {
      BoltCursor entries =
          root.bucket(buckets.key())
              .orElseThrow(() -> buckets.corrupt("holds a top-level entry that is not a bucket"))
              .cursor();
      while (entries.next()) {
        count++;
      }
    }
    return count;
  }
}
