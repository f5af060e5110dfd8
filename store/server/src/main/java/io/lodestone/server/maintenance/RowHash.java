package io.lodestone.server.maintenance;

import io.lodestone.revisions.RowScan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The answer of {@code Maintenance.Hash}: a checksum of what this member stores. etcd hashes its
 * database file's entries; here it is every row of the keyspace, and can be compared with that of
 * another store of this kind. Stateless.
 */
final class RowHash {
  private RowHash() {}

  static int of(RowScan rows) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update("key".getBytes(StandardCharsets.US_ASCII));
    rows.scan(
        row -> {
          crc.update(row.rowKey().asReadOnlyByteBuffer());
          crc.update(row.value().asReadOnlyByteBuffer());
          return true;
        });
    return (int) crc.getValue();
  }
}
