package io.lodestone.etcdfile.db;

import com.google.protobuf.ByteString;
import io.lodestone.etcdfile.bolt.BoltBucket;
import io.lodestone.etcdfile.bolt.BoltCursor;
import java.io.IOException;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The hash over a whole database: CRC-32C of every bucket's name, keys and values in order, without
 * the entries of {@code meta} that differ from member to member. Which these are depends on the
 * version of etcd that is asked.
 */
public enum BackendHash {
  /** {@code snapshot status}, all versions: nothing is left out. */
  STATUS(0),
  /** {@code Maintenance.Hash} of etcd 3.4. */
  ETCD_3_4(1),
  ETCD_3_5(2),
  ETCD_3_6(3);

  private static final List<ByteString> LEFT_OUT =
      List.of(EtcdBucket.CONSISTENT_INDEX, EtcdBucket.TERM, EtcdBucket.STORAGE_VERSION);

  private final int leftOut;

  /** Each version leaves out what the one before did, and one entry more. */
  BackendHash(int leftOut) {
    this.leftOut = leftOut;
  }

  /** An unsigned 32-bit number. */
  public long of(EtcdDatabase database) throws IOException {
    CRC32C crc = new CRC32C();
    BoltBucket root = database.file().root();
    BoltCursor buckets = root.cursor();
    while (buckets.next()) {
      ByteString name = buckets.key();
      crc.update(name.asReadOnlyByteBuffer());
      boolean meta = name.equals(EtcdBucket.META.nameBytes());
      BoltCursor entries = root.bucket(name).orElseThrow(() -> notABucket(buckets)).cursor();
      while (entries.next()) {
        if (!meta || !LEFT_OUT.subList(0, leftOut).contains(entries.key())) {
          entries.updateChecksum(crc);
        }
      }
    }
    return crc.getValue();
  }

  private static RuntimeException notABucket(BoltCursor cursor) {
    return cursor.corrupt("holds a top-level entry that is not a bucket");
  }
}
