package io.lodestone.etcdfile.wal;

import com.google.protobuf.ByteString;

/**
 * CRC-32C that can go on from a given value, which {@link java.util.zip.CRC32C} cannot: etcd chains
 * one checksum through all records of all files of a log. Confined to one thread.
 */
final class ChainedCrc {
  private static final int POLYNOMIAL = 0x82f63b78;
  private static final int[] TABLE = table();

  private int value;

  ChainedCrc(int start) {
    this.value = start;
  }

  void update(ByteString data) {
    int crc = ~value;
    for (int i = 0; i < data.size(); i++) {
      crc = TABLE[(crc ^ data.byteAt(i)) & 0xff] ^ (crc >>> 8);
    }
    value = ~crc;
  }

  /** Goes on from {@code start}. */
  void restart(int start) {
    value = start;
  }

  int value() {
    return value;
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
      }
      table[i] = crc;
    }
    return table;
  }
}
