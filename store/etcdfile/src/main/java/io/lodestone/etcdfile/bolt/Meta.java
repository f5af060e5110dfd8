package io.lodestone.etcdfile.bolt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One of the two meta pages: where the newest tree begins. Immutable.
 *
 * @param rootPage the page of the tree of buckets
 * @param pages the page count; no page of the database has a higher number
 * @param txid of the two meta pages the one with the higher id counts
 */
record Meta(int version, int pageSize, long rootPage, long pages, long txid) {

  /** The 64 bytes that follow a meta page's header. */
  byte[] encode() {
    byte[] bytes = new byte[Layout.META_BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(Layout.MAGIC).putInt(version).putInt(pageSize).putInt(0);
    buffer.putLong(rootPage).putLong(0).putLong(Layout.NO_FREELIST).putLong(pages).putLong(txid);
    buffer.putLong(Layout.checksum(bytes, 0, Layout.META_CHECKED_BYTES));
    return bytes;
  }

  /** Whether a meta with a right magic number and checksum begins at {@code at}. */
  static boolean isValidAt(byte[] bytes, int at) {
    return at + Layout.META_BYTES <= bytes.length
        && Layout.intAt(bytes, at) == Layout.MAGIC
        && Layout.checksum(bytes, at, Layout.META_CHECKED_BYTES)
            == Layout.longAt(bytes, at + Layout.META_CHECKED_BYTES);
  }

  static Meta decode(byte[] bytes, int at) {
    return new Meta(
        Layout.intAt(bytes, at + 4),
        Layout.intAt(bytes, at + 8),
        Layout.longAt(bytes, at + 16),
        Layout.longAt(bytes, at + 40),
        Layout.longAt(bytes, at + 48));
  }
}
