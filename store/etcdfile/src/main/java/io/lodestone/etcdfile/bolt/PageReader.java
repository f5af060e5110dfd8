package io.lodestone.etcdfile.bolt;

import io.lodestone.api.CorruptDataException;
import java.io.IOException;

/**
 * Fetches pages by number. Leaves that lie behind each other come from one growing read-ahead
 * window; a jump starts with a small one again. Each window is a fresh array, so slices of it stay
 * valid for as long as somebody holds them. Memory: one window, or one page with its overflow.
 *
 * <p>Confined to one cursor.
 */
final class PageReader {
  /** No key or value of etcd comes near this; more is damage, and must not be allocated. */
  static final int MAX_LEAF_BYTES = 64 << 20;

  static final int MAX_BRANCH_BYTES = 1 << 20;

  private static final int SMALLEST_WINDOW = 16 << 10;
  private static final int LARGEST_WINDOW = 256 << 10;

  /** Leaves separated by no more than this, say by a branch page, still count as a sequence. */
  private static final int SEQUENCE_GAP = 64 << 10;

  private final RawFile file;
  private final Meta meta;
  private final long end;
  private byte[] window = {};
  private long windowStart;
  private int windowSize = SMALLEST_WINDOW;
  private long sequenceEnd = -1;

  /** {@code meta} has been checked: its pages lie within the file. */
  PageReader(RawFile file, Meta meta) {
    this.file = file;
    this.meta = meta;
    this.end = meta.pages() * meta.pageSize();
  }

  /** Reads a page that is expected to be a leaf: through the window. */
  Page leaf(long id) throws IOException {
    long offset = offset(id);
    if (!inWindow(offset, meta.pageSize())) {
      moveWindow(offset);
    }
    int at = (int) (offset - windowStart);
    int length = checkedLength(window, at, id);
    sequenceEnd = offset + length;
    return inWindow(offset, length)
        ? new Page(file.toString(), offset, window, at, length)
        : new Page(file.toString(), offset, file.read(offset, length), 0, length);
  }

  /** Reads a page that is expected to be a branch: beside the window. */
  Page branch(long id) throws IOException {
    long offset = offset(id);
    byte[] bytes = file.read(offset, meta.pageSize());
    int length = checkedLength(bytes, 0, id);
    return new Page(
        file.toString(),
        offset,
        length == bytes.length ? bytes : file.read(offset, length),
        0,
        length);
  }

  private boolean inWindow(long offset, int length) {
    return offset >= windowStart && offset + length <= windowStart + window.length;
  }

  private void moveWindow(long offset) throws IOException {
    boolean sequential = offset >= sequenceEnd && offset <= sequenceEnd + SEQUENCE_GAP;
    windowSize =
        sequential && sequenceEnd >= 0 ? Math.min(windowSize * 2, LARGEST_WINDOW) : SMALLEST_WINDOW;
    int length = (int) Math.min(Math.max(windowSize, meta.pageSize()), end - offset);
    window = file.read(offset, length);
    windowStart = offset;
  }

  private long offset(long id) {
    if (id < Layout.FIRST_DATA_PAGE || id >= meta.pages()) {
      throw new CorruptDataException(
          file + " refers to page " + Long.toUnsignedString(id) + " of " + meta.pages(),
          "the database is damaged; use another copy or another member's");
    }
    return id * meta.pageSize();
  }

  /** The page's bytes with overflow, after its header has proved to be that of page {@code id}. */
  private int checkedLength(byte[] bytes, int at, long id) {
    long found = Layout.longAt(bytes, at);
    if (found != id) {
      throw corrupt(id, "calls itself page " + Long.toUnsignedString(found));
    }
    long overflow = Layout.unsignedIntAt(bytes, at + 12);
    long length = (overflow + 1) * meta.pageSize();
    if (overflow >= meta.pages() - id) {
      throw corrupt(id, "claims " + overflow + " overflow pages, beyond the end of the database");
    }
    int limit =
        Layout.unsignedShortAt(bytes, at + 8) == Layout.LEAF ? MAX_LEAF_BYTES : MAX_BRANCH_BYTES;
    if (length > Math.max(limit, meta.pageSize())) {
      throw corrupt(id, "claims " + length + " bytes; no more than " + limit + " are read at once");
    }
    return (int) length;
  }

  private CorruptDataException corrupt(long id, String what) {
    return new CorruptDataException(
        file + ": page " + id + " at byte offset " + id * meta.pageSize() + " " + what,
        "the database is damaged; use another copy or another member's");
  }
}
