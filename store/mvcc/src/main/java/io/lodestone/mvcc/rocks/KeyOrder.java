package io.lodestone.mvcc.rocks;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * The order of rows by their keys, which stand behind each other in one array; rows with one key
 * keep theirs. Keys are compared four bytes at a time, as numbers, behind what those that are still
 * alike have in common: a comparison of whole keys, which begin alike for long, costs more.
 */
final class KeyOrder {
  /** A row's number takes 28 bits. */
  static final int MOST_ROWS = 1 << 28;

  private static final int ROW_BITS = 28;
  private static final long ROW_MASK = MOST_ROWS - 1;

  /** How many of the bytes belong to the key: fewer, and it ends there. */
  private static final int COUNT_BITS = 3;

  private static final int COUNT_MASK = (1 << COUNT_BITS) - 1;

  private final byte[] bytes;
  private final int[] starts;
  private final int[] keyEnds;
  private final long[] order;
  private final Deque<Alike> pending = new ArrayDeque<>();

  /**
   * Rows at these places of the order, whose keys have their first {@code length} bytes in common.
   */
  private record Alike(int from, int to, int length) {}

  /**
   * Of {@code rows} rows, at most {@link #MOST_ROWS}: the key of each reaches from its start to its
   * end.
   */
  KeyOrder(byte[] bytes, int[] starts, int[] keyEnds, int rows) {
    this.bytes = bytes;
    this.starts = starts;
    this.keyEnds = keyEnds;
    this.order = new long[rows];
    Arrays.setAll(order, row -> row);
    pending.add(new Alike(0, rows, 0));
    while (!pending.isEmpty()) {
      sort(pending.removeLast());
    }
  }

  int size() {
    return order.length;
  }

  /** The row at a place of the order. */
  int row(int place) {
    return (int) (order[place] & ROW_MASK);
  }

  boolean sameKeyFollows(int place) {
    if (place + 1 == order.length) {
      return false;
    }
    int row = row(place);
    int next = row(place + 1);
    return Arrays.equals(bytes, starts[row], keyEnds[row], bytes, starts[next], keyEnds[next]);
  }

  private void sort(Alike rows) {
    int length = inCommon(rows);
    for (int place = rows.from(); place < rows.to(); place++) {
      int row = row(place);
      order[place] = sortable(starts[row] + length, keyEnds[row]) << ROW_BITS | row;
    }
    Arrays.sort(order, rows.from(), rows.to());
    int first = rows.from();
    for (int place = first + 1; place <= rows.to(); place++) {
      if (place == rows.to() || order[place] >>> ROW_BITS != order[first] >>> ROW_BITS) {
        boolean ended = (order[first] >>> ROW_BITS & COUNT_MASK) < Integer.BYTES;
        if (!ended && place > first + 1) {
          pending.add(new Alike(first, place, length + Integer.BYTES));
        }
        first = place;
      }
    }
  }

  private int inCommon(Alike rows) {
    if (rows.to() == rows.from()) {
      return 0;
    }
    int first = row(rows.from());
    int length = keyEnds[first] - starts[first];
    for (int place = rows.from() + 1; place < rows.to(); place++) {
      int row = row(place);
      int mismatch =
          Arrays.mismatch(
              bytes,
              starts[first] + rows.length(),
              starts[first] + length,
              bytes,
              starts[row] + rows.length(),
              keyEnds[row]);
      length = mismatch < 0 ? length : rows.length() + mismatch;
    }
    return length;
  }

  /** The next four bytes of a key, as far as it reaches, and how many they are. */
  private long sortable(int from, int end) {
    long value = 0;
    int count = Math.min(Integer.BYTES, end - from);
    for (int i = 0; i < Integer.BYTES; i++) {
      value = value << Byte.SIZE | (i < count ? bytes[from + i] & 0xff : 0);
    }
    return value << COUNT_BITS | count;
  }
}
