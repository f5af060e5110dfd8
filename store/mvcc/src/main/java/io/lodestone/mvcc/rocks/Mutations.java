package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.Map;

/**
 * Rows to put and to delete in one atomic write; of several changes of a row the last one counts.
 * Confined to one thread.
 *
 * <p>Kept in RocksDB's own batch format (8 bytes sequence, 4 bytes count little endian, then for
 * each row a tag, the family's id and the length-prefixed key and value), so that a batch of any
 * size crosses into native code once instead of once for each row.
 */
public final class Mutations {
  private static final int HEADER_LENGTH = 12;
  private static final int COUNT_OFFSET = 8;
  private static final int LONGEST_VARINT = 5;
  private static final int FIRST_CAPACITY = 1 << 14;
  private static final int LARGEST_KEPT = 1 << 22;
  private static final byte FAMILY_DELETION = 0x4;
  private static final byte FAMILY_VALUE = 0x5;

  private final Map<Family, Integer> familyIds;
  private byte[] bytes = new byte[FIRST_CAPACITY];
  private int size = HEADER_LENGTH;
  private int count;

  /**
   * @param familyIds RocksDB's ids
   */
  Mutations(Map<Family, Integer> familyIds) {
    this.familyIds = familyIds;
  }

  public void put(Family family, ByteString key, ByteString value) {
    begin(FAMILY_VALUE, family, key, value.size() + LONGEST_VARINT);
    append(value);
  }

  public void delete(Family family, ByteString key) {
    begin(FAMILY_DELETION, family, key, 0);
  }

  private void begin(byte tag, Family family, ByteString key, int more) {
    ensure(1 + 2L * LONGEST_VARINT + key.size() + more);
    bytes[size++] = tag;
    appendVarint(familyIds.get(family));
    append(key);
    count++;
  }

  private void append(ByteString value) {
    appendVarint(value.size());
    value.copyTo(bytes, size);
    size += value.size();
  }

  private void appendVarint(int value) {
    int rest = value;
    while (rest >= 0x80) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private void ensure(long more) {
    long needed = size + more;
    if (needed > Integer.MAX_VALUE - HEADER_LENGTH) {
      throw new IllegalStateException("a batch of " + needed + " bytes is too large for one write");
    }
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(2L * bytes.length, 1L << 30)));
    }
  }

  public boolean isEmpty() {
    return count == 0;
  }

  public int sizeBytes() {
    return size;
  }

  /** Forgets everything, to be filled anew. */
  public void clear() {
    if (bytes.length > LARGEST_KEPT) {
      bytes = new byte[FIRST_CAPACITY];
    }
    size = HEADER_LENGTH;
    count = 0;
  }

  byte[] encoded() {
    byte[] encoded = Arrays.copyOf(bytes, size);
    for (int i = 0; i < Integer.BYTES; i++) {
      encoded[COUNT_OFFSET + i] = (byte) (count >>> (Byte.SIZE * i));
    }
    return encoded;
  }
}
