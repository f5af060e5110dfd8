package io.lodestone.etcdfile.bolt;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds one B+tree from the bottom up: entries come in key order, a page is appended to the file
 * as soon as it is full, and each level keeps only the page it is filling. Memory: one page per
 * level. Confined to one thread.
 */
final class TreeBuilder {
  /** Pages are left a tenth empty, so that the first changes do not split every one of them. */
  private static final int FILL_PERCENT = 90;

  /** bbolt's own limit. */
  private static final int MAX_KEY_BYTES = 32 << 10;

  private static final int MAX_VALUE_BYTES = PageReader.MAX_LEAF_BYTES / 2;

  private final PageAppender appender;
  private final PageBuilder leaf;
  private final List<PageBuilder> branches = new ArrayList<>();
  private final AscendingKeys order = new AscendingKeys();
  private boolean leafWritten;

  TreeBuilder(PageAppender appender, PageBuilder leaf) {
    this.appender = appender;
    this.leaf = leaf;
  }

  void add(ByteString key, ByteString value) throws IOException {
    requireWritable(key, value);
    order.advance(key);
    if (!leaf.isEmpty() && !leaf.hasRoomFor((long) key.size() + value.size(), fillBytes())) {
      writeLeaf();
    }
    leaf.addEntry(key, value);
  }

  private static void requireWritable(ByteString key, ByteString value) {
    if (key.size() > MAX_KEY_BYTES || value.size() > MAX_VALUE_BYTES) {
      throw new LodestoneException(
          "an entry of "
              + key.size()
              + " key bytes and "
              + value.size()
              + " value bytes is too large for a database file",
          "etcd itself takes no more than a few MiB at a time: verify the source");
    }
  }

  /** True while everything added so far would fit into an inline bucket. */
  boolean fitsInline() {
    return !leafWritten && leaf.sizeBytes() <= appender.pageSize() / 4;
  }

  /** The only leaf of a tree that {@link #fitsInline}. */
  PageBuilder onlyLeaf() {
    return leaf;
  }

  /** Writes what is left and returns the root's page number. */
  long finish() throws IOException {
    if (!leafWritten) {
      return appender.append(leaf);
    }
    writeLeaf();
    for (int level = 0; level < branches.size(); level++) {
      PageBuilder branch = branches.get(level);
      boolean top = level == branches.size() - 1;
      long page = appender.append(branch);
      if (top) {
        return page;
      }
      addToBranch(level + 1, branch.firstKey(), page);
    }
    throw new IllegalStateException("a tree with a written leaf has a branch");
  }

  private void writeLeaf() throws IOException {
    leafWritten = true;
    long page = appender.append(leaf);
    ByteString firstKey = leaf.firstKey();
    leaf.clear();
    addToBranch(0, firstKey, page);
  }

  /** A full branch passes its last child on, so that no branch ends up with a single one. */
  private void addToBranch(int level, ByteString firstKey, long page) throws IOException {
    if (level == branches.size()) {
      branches.add(PageBuilder.branch());
    }
    PageBuilder branch = branches.get(level);
    if (branch.count() > 2 && !branch.hasRoomFor(firstKey.size(), fillBytes())) {
      PageBuilder next = PageBuilder.branch();
      branch.moveLastChildTo(next);
      branches.set(level, next);
      addToBranch(level + 1, branch.firstKey(), appender.append(branch));
      branch = next;
    }
    branch.addChild(detached(firstKey), page);
  }

  /** Branch keys live long; a slice would keep the buffer it was read into alive. */
  private static ByteString detached(ByteString key) {
    return ByteString.copyFrom(key.toByteArray());
  }

  private long fillBytes() {
    return (long) appender.pageSize() * FILL_PERCENT / 100;
  }
}
