package io.lodestone.etcdfile.bolt;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.lodestone.api.CorruptDataException;
import java.util.Arrays;

/**
 * A leaf or branch page with its overflow, as a view of a buffer that nobody writes any more. Every
 * access is checked against the page's own bounds before it is made. Immutable.
 *
 * <p>Positions handed out by this class are indexes into the buffer.
 */
final class Page {
  private final String file;
  private final long fileOffset;
  private final byte[] bytes;
  private final int start;
  private final int length;
  private final int flags;
  private final int count;

  /**
   * @param fileOffset where the page begins in the file, for messages
   * @param start where it begins in {@code bytes}
   * @param length its bytes including header and overflow, at least a header's
   */
  Page(String file, long fileOffset, byte[] bytes, int start, int length) {
    this.file = file;
    this.fileOffset = fileOffset;
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    this.flags = Layout.unsignedShortAt(bytes, start + 8);
    this.count = Layout.unsignedShortAt(bytes, start + 10);
    if (flags != Layout.LEAF && flags != Layout.BRANCH) {
      throw corrupt("has flags 0x" + Integer.toHexString(flags) + ", neither leaf nor branch");
    }
    if (Layout.HEADER_BYTES + (long) count * Layout.ELEMENT_BYTES > length) {
      throw corrupt("counts " + count + " elements, more than fit into " + length + " bytes");
    }
  }

  boolean isLeaf() {
    return flags == Layout.LEAF;
  }

  int count() {
    return count;
  }

  byte[] bytes() {
    return bytes;
  }

  long child(int index) {
    return Layout.longAt(bytes, element(index) + 8);
  }

  boolean isBucket(int index) {
    return (Layout.intAt(bytes, element(index)) & Layout.BUCKET_ELEMENT) != 0;
  }

  int keyStart(int index) {
    int element = element(index);
    int posField = isLeaf() ? element + 4 : element;
    long key = element + Layout.unsignedIntAt(bytes, posField);
    long end = key + Layout.unsignedIntAt(bytes, posField + 4);
    if (isLeaf()) {
      end += Layout.unsignedIntAt(bytes, posField + 8);
    }
    if (key < element(count) || end > (long) start + length) {
      throw corrupt("element " + index + " points outside of the page");
    }
    return (int) key;
  }

  /**
   * Where the key ends, which is where the value of a leaf begins; check {@link #keyStart} first.
   */
  int keyEnd(int index, int keyStart) {
    return keyStart + Layout.intAt(bytes, element(index) + (isLeaf() ? 8 : 4));
  }

  /** Where the value ends. */
  int valueEnd(int index, int keyEnd) {
    return keyEnd + Layout.intAt(bytes, element(index) + 12);
  }

  ByteString slice(int from, int to) {
    return UnsafeByteOperations.unsafeWrap(bytes, from, to - from);
  }

  /** The last element whose key is not above {@code key}; 0 if there is none. */
  int floor(byte[] key) {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (compareKey(middle, key) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The first element whose key is not below {@code key}; {@link #count} if there is none. */
  int ceiling(byte[] key) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compareKey(middle, key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int compareKey(int index, byte[] key) {
    int from = keyStart(index);
    return Arrays.compareUnsigned(bytes, from, keyEnd(index, from), key, 0, key.length);
  }

  /** The page image behind the 16 bytes of an inline bucket's value. */
  Page inlinePage(int valueStart, int valueEnd) {
    int from = valueStart + Layout.BUCKET_BYTES;
    if (valueEnd - from < Layout.HEADER_BYTES) {
      throw corrupt("holds an inline bucket of only " + (valueEnd - valueStart) + " bytes");
    }
    return new Page(file, fileOffset + (from - start), bytes, from, valueEnd - from);
  }

  CorruptDataException corrupt(String what) {
    return new CorruptDataException(
        file + ": the page at byte offset " + fileOffset + " " + what,
        "the database is damaged; use another copy or another member's");
  }

  private int element(int index) {
    return start + Layout.HEADER_BYTES + index * Layout.ELEMENT_BYTES;
  }
}
