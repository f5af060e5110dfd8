package io.lodestone.mvcc.rocks;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/**
 * Memory through which rows go to RocksDB, which saves a copy of each; for one table file after the
 * other. Confined to one thread at a time.
 */
final class RowBuffers {
  /** Longer rows go another way, with a copy more. */
  private static final int BYTES = 64 << 10;

  private final ByteBuffer key = ByteBuffer.allocateDirect(BYTES);
  private final ByteBuffer value = ByteBuffer.allocateDirect(BYTES);

  /** Of an array: the key, and the value behind it. */
  void put(byte[] bytes, int keyStart, int keyEnd, int valueEnd, SstFileWriter to)
      throws RocksDBException {
    int keySize = keyEnd - keyStart;
    int valueSize = valueEnd - keyEnd;
    if (keySize > BYTES || valueSize > BYTES) {
      to.put(
          Arrays.copyOfRange(bytes, keyStart, keyEnd), Arrays.copyOfRange(bytes, keyEnd, valueEnd));
      return;
    }
    key.clear().put(bytes, keyStart, keySize);
    value.clear().put(bytes, keyEnd, valueSize);
    to.put(key.flip(), value.flip());
  }
}
