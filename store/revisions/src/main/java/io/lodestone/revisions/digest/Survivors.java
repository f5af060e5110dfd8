package io.lodestone.revisions.digest;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Which of the rows at or below a compact revision are still the state of their key at a later
 * horizon.
 *
 * <p>Keys are told apart by 96 keyed hash bits: among 2^31 keys, two of them are alike with a
 * probability of 2^-35. Each pass over the rows treats one share of the keys, so that the table of
 * keys stays within {@link #TABLE_SLOTS} slots of 16 bytes whatever the number of keys. Immutable.
 */
final class Survivors {
  static final int TABLE_SLOTS = 1 << 20;
  private static final double FILL = 0.6;

  private final BitSet alive;
  private final boolean anyLive;

  private Survivors(BitSet alive, boolean anyLive) {
    this.alive = alive;
    this.anyLive = anyLive;
  }

  /**
   * True where the {@code ordinal}-th row of the scan is its key's state at the horizon. Only for
   * rows at or below compact.
   */
  boolean contains(int ordinal) {
    return alive.get(ordinal);
  }

  /** True where any key at all is alive at the horizon. */
  boolean anyLive() {
    return anyLive;
  }

  /**
   * Looks at rows up to {@code horizon}; decides for those up to {@code compact}, which is at most
   * {@code horizon}.
   */
  static Survivors find(RowScan rows, long compact, long horizon) throws IOException {
    return find(rows, compact, horizon, TABLE_SLOTS);
  }

  static Survivors find(RowScan rows, long compact, long horizon, int slots) throws IOException {
    long count = count(rows, horizon);
    if (count > Integer.MAX_VALUE - KeyTable.FIRST_ORDINAL) {
      throw new IllegalArgumentException(count + " rows are more than one digest can take");
    }
    int shares = (int) Math.max(1, Math.ceil(count / (slots * FILL)));
    KeyTable table = new KeyTable((int) Math.min(slots, Math.max(16, Math.ceil(count / FILL) + 1)));
    BitSet alive = new BitSet();
    boolean anyLive = false;
    for (int share = 0; share < shares; share++) {
      table.clear();
      table.readShare(rows, share, shares, compact, horizon);
      anyLive |= table.markLive(alive);
    }
    return new Survivors(alive, anyLive);
  }

  private static long count(RowScan rows, long horizon) throws IOException {
    long[] count = {0};
    rows.scan(
        row -> {
          boolean within = row.main() <= horizon;
          count[0] += within ? 1 : 0;
          return within;
        });
    return count[0];
  }

  /**
   * Open-addressing table from key fingerprint to the last row of the key. A share that overflows
   * it is a hash accident.
   */
  private static final class KeyTable {
    private static final int EMPTY = 0;
    private static final int DEAD = 1;
    private static final int LIVE_ABOVE_COMPACT = 2;
    private static final int FIRST_ORDINAL = 3;

    private final HashFunction high;
    private final HashFunction low;
    private final long[] highs;
    private final int[] lows;
    private final int[] states;

    KeyTable(int slots) {
      SecureRandom random = new SecureRandom();
      high = Hashing.sipHash24(random.nextLong(), random.nextLong());
      low = Hashing.sipHash24(random.nextLong(), random.nextLong());
      highs = new long[slots];
      lows = new int[slots];
      states = new int[slots];
    }

    void clear() {
      Arrays.fill(states, EMPTY);
    }

    void readShare(RowScan rows, int share, int shares, long compact, long horizon)
        throws IOException {
      int[] ordinal = {0};
      rows.scan(
          row -> {
            if (row.main() > horizon) {
              return false;
            }
            remember(row, ordinal[0]++, share, shares, compact);
            return true;
          });
    }

    private void remember(RevisionRecord row, int ordinal, int share, int shares, long compact) {
      ByteString key = row.key();
      long keyHigh = hash(high, key);
      if (Long.remainderUnsigned(keyHigh, shares) != share) {
        return;
      }
      int slot = slotOf(keyHigh, hash(low, key));
      if (row.tombstone()) {
        states[slot] = DEAD;
      } else {
        states[slot] = row.main() <= compact ? FIRST_ORDINAL + ordinal : LIVE_ABOVE_COMPACT;
      }
    }

    private static long hash(HashFunction function, ByteString key) {
      return function.hashBytes(key.asReadOnlyByteBuffer()).asLong();
    }

    /** The lower bits of the second hash are where to begin, the upper ones the rest of the key. */
    private int slotOf(long keyHigh, long hashLow) {
      int start = Integer.remainderUnsigned((int) hashLow, states.length);
      int keyLow = (int) (hashLow >>> 32);
      for (int step = 0; step < states.length; step++) {
        int slot = (start + step) % states.length;
        if (states[slot] == EMPTY) {
          highs[slot] = keyHigh;
          lows[slot] = keyLow;
          return slot;
        }
        if (highs[slot] == keyHigh && lows[slot] == keyLow) {
          return slot;
        }
      }
      throw new IllegalStateException("more keys than the table's " + states.length + " slots");
    }

    boolean markLive(BitSet alive) {
      boolean any = false;
      for (int state : states) {
        any |= state >= LIVE_ABOVE_COMPACT;
        if (state >= FIRST_ORDINAL) {
          alive.set(state - FIRST_ORDINAL);
        }
      }
      return any;
    }
  }
}
