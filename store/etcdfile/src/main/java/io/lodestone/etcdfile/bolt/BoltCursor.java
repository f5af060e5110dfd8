package io.lodestone.etcdfile.bolt;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.Checksum;

/**
 * Walks the entries of one bucket in key order.
 *
 * <p>Keys come strictly ascending, else the walk ends with {@link CorruptDataException}; as no leaf
 * but a root may be empty and no path is longer than {@value #MAX_DEPTH}, pages that point at each
 * other in a circle end the same way. Holds the branch pages of one path and one leaf window.
 * Confined to one thread; invalid once its file is closed.
 *
 * <p>Slices handed out share the read buffer (up to 256 KiB, or the page of a large value): copy
 * what is kept for long.
 */
public final class BoltCursor {
  static final int MAX_DEPTH = 32;

  private static final byte[] BEFORE_ALL = {};

  private final PageReader pages;
  private final Page inlineRoot;
  private final long rootPage;

  private final Page[] path = new Page[MAX_DEPTH];
  private final int[] pathIndex = new int[MAX_DEPTH];
  private int depth;
  private int leafDepth = -1;

  private Page leaf;
  private int index;
  private int keyStart;
  private int keyEnd;
  private int valueEnd;
  private byte[] previousKey;
  private int previousStart;
  private int previousEnd;

  /** {@code inlineRoot} is null where the bucket has a root page of its own. */
  BoltCursor(PageReader pages, long rootPage, Page inlineRoot) {
    this.pages = pages;
    this.rootPage = rootPage;
    this.inlineRoot = inlineRoot;
  }

  /** Places the cursor so that {@link #next} finds the first key that is not below {@code key}. */
  public void seek(ByteString key) throws IOException {
    descendFromRoot(key.toByteArray());
  }

  /** Moves to the last entry; false where the bucket is empty. */
  public boolean last() throws IOException {
    depth = 0;
    previousKey = null;
    Page page = inlineRoot != null ? inlineRoot : load(rootPage);
    while (!page.isLeaf()) {
      page = load(push(page, page.count() - 1));
    }
    enter(page);
    index = page.count() - 1;
    if (page.count() > 0) {
      locate();
    }
    return page.count() > 0;
  }

  /** Moves to the next entry; false after the last one. */
  public boolean next() throws IOException {
    if (leaf == null) {
      descendFromRoot(BEFORE_ALL);
    }
    index++;
    while (index >= leaf.count()) {
      if (!nextLeaf()) {
        index = leaf.count();
        return false;
      }
      index++;
    }
    locate();
    return true;
  }

  /** The key at hand, as a slice. */
  public ByteString key() {
    return leaf.slice(keyStart, keyEnd);
  }

  /** The value at hand, as a slice. */
  public ByteString value() {
    return leaf.slice(keyEnd, valueEnd);
  }

  /** Whether the entry is a bucket and not a value. */
  public boolean isBucket() {
    return leaf.isBucket(index);
  }

  public int keySize() {
    return keyEnd - keyStart;
  }

  public byte keyByteAt(int position) {
    return leaf.bytes()[keyStart + checked(position, 1)];
  }

  /** Eight bytes of the key as a big endian number. */
  public long keyLongAt(int position) {
    return Long.reverseBytes(Layout.longAt(leaf.bytes(), keyStart + checked(position, Long.BYTES)));
  }

  /** Feeds key, then value. */
  public void updateChecksum(Checksum checksum) {
    checksum.update(leaf.bytes(), keyStart, valueEnd - keyStart);
  }

  /** A failure that names the page at hand. */
  public CorruptDataException corrupt(String what) {
    return leaf.corrupt(what);
  }

  /** What the entry's bucket header says: a page of its own with a sequence, or a leaf within. */
  BoltBucket bucketAt(Opener<Long> atPage, Opener<Page> inline) {
    if (valueEnd - keyEnd < Layout.BUCKET_BYTES) {
      throw leaf.corrupt("holds a bucket of " + (valueEnd - keyEnd) + " bytes; 16 are the least");
    }
    long root = Layout.longAt(leaf.bytes(), keyEnd);
    long sequence = Layout.longAt(leaf.bytes(), keyEnd + Long.BYTES);
    return root == 0
        ? inline.open(leaf.inlinePage(keyEnd, valueEnd), sequence)
        : atPage.open(root, sequence);
  }

  private int checked(int position, int length) {
    if (position < 0 || position + length > keySize()) {
      throw leaf.corrupt("has a key of " + keySize() + " bytes where more were expected");
    }
    return position;
  }

  private void locate() {
    keyStart = leaf.keyStart(index);
    keyEnd = leaf.keyEnd(index, keyStart);
    valueEnd = leaf.valueEnd(index, keyEnd);
    byte[] bytes = leaf.bytes();
    if (previousKey != null
        && Arrays.compareUnsigned(previousKey, previousStart, previousEnd, bytes, keyStart, keyEnd)
            >= 0) {
      throw leaf.corrupt("has keys out of order at element " + index);
    }
    previousKey = bytes;
    previousStart = keyStart;
    previousEnd = keyEnd;
  }

  private void descendFromRoot(byte[] target) throws IOException {
    depth = 0;
    previousKey = null;
    descend(inlineRoot != null ? inlineRoot : load(rootPage), target);
  }

  private boolean nextLeaf() throws IOException {
    while (depth > 0) {
      int next = ++pathIndex[depth - 1];
      if (next < path[depth - 1].count()) {
        descend(load(path[depth - 1].child(next)), BEFORE_ALL);
        return true;
      }
      depth--;
    }
    return false;
  }

  /** Goes down to the leaf where {@code target} belongs, and stands right before it. */
  private void descend(Page from, byte[] target) throws IOException {
    Page page = from;
    while (!page.isLeaf()) {
      page = load(push(page, target.length == 0 ? 0 : page.floor(target)));
    }
    enter(page);
    index = (target.length == 0 ? 0 : page.ceiling(target)) - 1;
  }

  /** Puts a branch on the path; returns the number of the child that was chosen. */
  private long push(Page branch, int childIndex) {
    if (branch.count() == 0) {
      throw branch.corrupt("is a branch without children");
    }
    if (depth == MAX_DEPTH) {
      throw branch.corrupt("lies deeper than " + MAX_DEPTH + " levels: a loop");
    }
    path[depth] = branch;
    pathIndex[depth] = childIndex;
    depth++;
    return branch.child(childIndex);
  }

  private void enter(Page page) {
    if (page.count() == 0 && depth > 0) {
      throw page.corrupt("is an empty leaf inside a tree");
    }
    leafDepth = depth;
    leaf = page;
  }

  private Page load(long id) throws IOException {
    return depth == leafDepth ? pages.leaf(id) : pages.branch(id);
  }

  /** Makes a bucket of its root and its sequence. */
  @FunctionalInterface
  interface Opener<R> {
    BoltBucket open(R root, long sequence);
  }
}
