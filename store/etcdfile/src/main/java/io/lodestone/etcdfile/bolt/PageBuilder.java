package io.lodestone.etcdfile.bolt;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the elements of one leaf or branch page until they are written. Holds references to the
 * keys and values of one page, no copies, and the bytes that come before them. Confined to one
 * thread.
 */
final class PageBuilder {
  private static final int MAX_COUNT = 0xffff;

  private final int flags;
  private final List<ByteString> keys = new ArrayList<>();
  private final List<ByteString> values = new ArrayList<>();
  private final List<Long> children = new ArrayList<>();
  private byte[] head = new byte[Layout.HEADER_BYTES + 8 * Layout.ELEMENT_BYTES];
  private long bodyBytes;
  private boolean hasBuckets;

  private PageBuilder(int flags) {
    this.flags = flags;
  }

  static PageBuilder leaf() {
    return new PageBuilder(Layout.LEAF);
  }

  static PageBuilder leafOfBuckets() {
    PageBuilder page = leaf();
    page.hasBuckets = true;
    return page;
  }

  static PageBuilder branch() {
    return new PageBuilder(Layout.BRANCH);
  }

  void addEntry(ByteString key, ByteString value) {
    keys.add(key);
    values.add(value);
    bodyBytes += (long) Layout.ELEMENT_BYTES + key.size() + value.size();
  }

  void addChild(ByteString firstKey, long page) {
    keys.add(firstKey);
    children.add(page);
    bodyBytes += (long) Layout.ELEMENT_BYTES + firstKey.size();
  }

  int count() {
    return keys.size();
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  ByteString firstKey() {
    return keys.get(0);
  }

  /** Bytes with the page header. */
  long sizeBytes() {
    return Layout.HEADER_BYTES + bodyBytes;
  }

  /** Whether an element with {@code bytes} of key and value fits without passing {@code limit}. */
  boolean hasRoomFor(long bytes, long limit) {
    return sizeBytes() + Layout.ELEMENT_BYTES + bytes <= limit && count() < MAX_COUNT;
  }

  /** Takes the last child out again, so that it can begin the next branch page. */
  void moveLastChildTo(PageBuilder next) {
    int last = keys.size() - 1;
    next.addChild(keys.get(last), children.get(last));
    bodyBytes -= Layout.ELEMENT_BYTES + keys.get(last).size();
    keys.remove(last);
    children.remove(last);
  }

  /** Writes the page without padding. */
  void writeTo(PageOutput out, long id, long overflow) throws IOException {
    int data = Layout.HEADER_BYTES + keys.size() * Layout.ELEMENT_BYTES;
    if (head.length < data) {
      head = new byte[Math.max(data, 2 * head.length)];
    }
    Layout.putLong(head, 0, id);
    Layout.putShort(head, 8, flags);
    Layout.putShort(head, 10, keys.size());
    Layout.putInt(head, 12, (int) overflow);
    putElements(data);
    out.put(head, data);
    for (int i = 0; i < keys.size(); i++) {
      out.put(keys.get(i));
      if (flags == Layout.LEAF) {
        out.put(values.get(i));
      }
    }
  }

  /** Puts what says where keys and values lie, from byte {@code dataStart} of the page on. */
  private void putElements(int dataStart) {
    int data = dataStart;
    int element = Layout.HEADER_BYTES;
    for (int i = 0; i < keys.size(); i++) {
      data +=
          flags == Layout.LEAF
              ? putEntry(element, data - element, i)
              : putChild(element, data - element, i);
      element += Layout.ELEMENT_BYTES;
    }
  }

  /** Returns the bytes of data that belong to the element, as {@link #putChild} does. */
  private int putEntry(int at, int pos, int index) {
    int keyBytes = keys.get(index).size();
    int valueBytes = values.get(index).size();
    Layout.putInt(head, at, hasBuckets ? Layout.BUCKET_ELEMENT : 0);
    Layout.putInt(head, at + 4, pos);
    Layout.putInt(head, at + 8, keyBytes);
    Layout.putInt(head, at + 12, valueBytes);
    return keyBytes + valueBytes;
  }

  private int putChild(int at, int pos, int index) {
    int keyBytes = keys.get(index).size();
    Layout.putInt(head, at, pos);
    Layout.putInt(head, at + 4, keyBytes);
    Layout.putLong(head, at + 8, children.get(index));
    return keyBytes;
  }

  /** The page as bytes, with number 0 and no overflow: what an inline bucket carries. */
  ByteString image() throws IOException {
    ByteBuffer image = ByteBuffer.allocate((int) sizeBytes());
    PageOutput out =
        new PageOutput(
            (bytes, position) -> image.put(bytes), 0, ByteBuffer.allocate(image.limit()));
    writeTo(out, 0, 0);
    out.flush();
    return ByteString.copyFrom(image.flip());
  }

  void clear() {
    keys.clear();
    values.clear();
    children.clear();
    bodyBytes = 0;
  }
}
