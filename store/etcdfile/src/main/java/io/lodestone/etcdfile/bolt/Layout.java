package io.lodestone.etcdfile.bolt;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The numbers of bbolt's page format. All integers are little endian.
 *
 * <pre>{@code
 * page header  16 bytes   id u64 | flags u16 | count u16 | overflow u32
 * meta         64 bytes   magic u32 | version u32 | pageSize u32 | flags u32 | root u64 | sequence u64
 *                         | freelist u64 | pages u64 | txid u64 | FNV-1a of the 56 bytes before, u64
 * leaf element 16 bytes   flags u32 (1 = bucket) | pos u32 | ksize u32 | vsize u32
 * branch element 16 bytes pos u32 | ksize u32 | child page u64
 * bucket value 16 bytes   root page u64 (0 = a leaf page image follows) | sequence u64
 * }</pre>
 *
 * {@code pos} counts from the start of the element; the value of a leaf element follows its key.
 */
final class Layout {
  static final int HEADER_BYTES = 16;
  static final int ELEMENT_BYTES = 16;
  static final int BUCKET_BYTES = 16;
  static final int META_BYTES = 64;
  static final int META_CHECKED_BYTES = 56;

  static final int BRANCH = 0x01;
  static final int LEAF = 0x02;
  static final int META = 0x04;

  static final int BUCKET_ELEMENT = 1;

  static final int MAGIC = 0xED0CDAED;
  static final int VERSION = 2;

  /** What a meta page says where the list of free pages is not stored. */
  static final long NO_FREELIST = -1L;

  /** Pages 0 and 1 are meta pages. */
  static final long FIRST_DATA_PAGE = 2;

  static final int MIN_PAGE_BYTES = 512;
  static final int MAX_PAGE_BYTES = 16 << 20;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long FNV_OFFSET_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Layout() {}

  static long longAt(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  static int intAt(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  static void putLong(byte[] bytes, int at, long value) {
    LONG.set(bytes, at, value);
  }

  static void putInt(byte[] bytes, int at, int value) {
    INT.set(bytes, at, value);
  }

  static void putShort(byte[] bytes, int at, int value) {
    SHORT.set(bytes, at, (short) value);
  }

  static long unsignedIntAt(byte[] bytes, int at) {
    return Integer.toUnsignedLong(intAt(bytes, at));
  }

  static int unsignedShortAt(byte[] bytes, int at) {
    return Short.toUnsignedInt((short) SHORT.get(bytes, at));
  }

  /** FNV-1a, 64 bits. */
  static long checksum(byte[] bytes, int from, int length) {
    long hash = FNV_OFFSET_BASIS;
    for (int i = from; i < from + length; i++) {
      hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
    }
    return hash;
  }

  static boolean isPageSize(long bytes) {
    return bytes >= MIN_PAGE_BYTES && bytes <= MAX_PAGE_BYTES && Long.bitCount(bytes) == 1;
  }
}
