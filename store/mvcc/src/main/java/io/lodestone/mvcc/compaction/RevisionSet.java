package io.lodestone.mvcc.compaction;

import java.util.Arrays;

/** A set of revisions without objects: open addressing over two arrays. Confined to one thread. */
final class RevisionSet {
  private static final int FIRST_CAPACITY = 1 << 10;
  private static final long FREE = -1;
  private static final long MIX = 0x9e3779b97f4a7c15L;

  private long[] mains = free(FIRST_CAPACITY);
  private long[] subs = new long[FIRST_CAPACITY];
  private int size;

  int size() {
    return size;
  }

  void add(long main, long sub) {
    if (2 * size >= mains.length) {
      grow();
    }
    int slot = slot(main, sub);
    if (mains[slot] == FREE) {
      mains[slot] = main;
      subs[slot] = sub;
      size++;
    }
  }

  boolean contains(long main, long sub) {
    return mains[slot(main, sub)] != FREE;
  }

  /** Where the revision is, or would be. */
  private int slot(long main, long sub) {
    int mask = mains.length - 1;
    int slot = (int) (((main * MIX + sub) * MIX) >>> 32) & mask;
    while (mains[slot] != FREE && (mains[slot] != main || subs[slot] != sub)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldMains = mains;
    long[] oldSubs = subs;
    mains = free(2 * oldMains.length);
    subs = new long[2 * oldSubs.length];
    size = 0;
    for (int i = 0; i < oldMains.length; i++) {
      if (oldMains[i] != FREE) {
        add(oldMains[i], oldSubs[i]);
      }
    }
  }

  private static long[] free(int capacity) {
    long[] mains = new long[capacity];
    Arrays.fill(mains, FREE);
    return mains;
  }
}
