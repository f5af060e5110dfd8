package io.lodestone.api;

import java.util.Comparator;

/**
 * Sorts as etcd does, down to the order of equal elements. Clients can see that order: sorting a
 * range by version, say, leaves most keys equal. etcd sorts with Go's unstable {@code sort.Sort}, a
 * pattern-defeating quicksort (O. Peters, arXiv:2106.05123) whose choices depend on nothing but the
 * comparisons and the length; the same choices are made here. Up to 12 elements it is an insertion
 * sort, and so stable. Confined to one thread.
 */
public final class TieOrder<T> {
  private static final int LONGEST_INSERTION = 12;
  private static final int SHORTEST_NINTHER = 50;
  private static final int MOST_PIVOT_SWAPS = 12;
  private static final int SHORTEST_SHIFTING = 50;
  private static final int MOST_SHIFTS = 5;
  private static final int BALANCE = 8;

  private final T[] elements;
  private final Comparator<? super T> order;

  /** Counts what {@link #choosePivot} had to exchange, which tells how sorted the elements are. */
  private int pivotSwaps;

  /** Set by {@link #partition}: nothing had to be moved. */
  private boolean wasPartitioned;

  private TieOrder(T[] elements, Comparator<? super T> order) {
    this.elements = elements;
    this.order = order;
  }

  public static <T> void sort(T[] elements, Comparator<? super T> order) {
    int length = elements.length;
    new TieOrder<>(elements, order).sort(0, length, bits(length));
  }

  /** How many bits the number has, its leading zeros aside. */
  private static int bits(int number) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(number);
  }

  /**
   * One branch of Go's loop after another; {@code badChoices} may still be made before heapsort.
   */
  private void sort(int first, int end, int badChoices) {
    int from = first;
    int to = end;
    int allowed = badChoices;
    boolean balanced = true;
    boolean partitioned = true;
    while (to - from > LONGEST_INSERTION) {
      if (allowed == 0) {
        heapSort(from, to);
        return;
      }
      if (!balanced) {
        breakPatterns(from, to);
        allowed--;
      }
      int pivot = choosePivot(from, to);
      boolean ascending = pivotSwaps == 0;
      if (pivotSwaps == MOST_PIVOT_SWAPS) {
        reverse(from, to);
        pivot = to - 1 - (pivot - from);
        ascending = true;
      }
      if (balanced && partitioned && ascending && finishesByShifting(from, to)) {
        return;
      }
      if (from > 0 && !less(from - 1, pivot)) {
        from = partitionEqual(from, to, pivot);
        continue;
      }
      int middle = partition(from, to, pivot);
      partitioned = wasPartitioned;
      int left = middle - from;
      int right = to - middle;
      balanced = Math.min(left, right) >= (to - from) / BALANCE;
      if (left < right) {
        sort(from, middle, allowed);
        from = middle + 1;
      } else {
        sort(middle + 1, to, allowed);
        to = middle;
      }
    }
    insertionSort(from, to);
  }

  private boolean less(int a, int b) {
    return order.compare(elements[a], elements[b]) < 0;
  }

  private void swap(int a, int b) {
    T element = elements[a];
    elements[a] = elements[b];
    elements[b] = element;
  }

  private void insertionSort(int from, int to) {
    for (int i = from + 1; i < to; i++) {
      for (int j = i; j > from && less(j, j - 1); j--) {
        swap(j, j - 1);
      }
    }
  }

  private void heapSort(int from, int to) {
    int length = to - from;
    for (int i = (length - 1) / 2; i >= 0; i--) {
      siftDown(i, length, from);
    }
    for (int i = length - 1; i >= 0; i--) {
      swap(from, from + i);
      siftDown(0, i, from);
    }
  }

  private void siftDown(int low, int length, int from) {
    int root = low;
    int child = 2 * root + 1;
    while (child < length) {
      if (child + 1 < length && less(from + child, from + child + 1)) {
        child++;
      }
      if (!less(from + root, from + child)) {
        return;
      }
      swap(from + root, from + child);
      root = child;
      child = 2 * root + 1;
    }
  }

  /** Exchanges three elements around the middle with others, drawn by the length alone. */
  private void breakPatterns(int from, int to) {
    int length = to - from;
    long random = length;
    int mask = (1 << bits(length)) - 1;
    int first = from + length / 4 * 2 - 1;
    for (int i = 0; i < 3; i++) {
      random ^= random << 13;
      random ^= random >>> 7;
      random ^= random << 17;
      int other = (int) random & mask;
      swap(first + i, from + (other >= length ? other - length : other));
    }
  }

  private int choosePivot(int from, int to) {
    int quarter = (to - from) / 4;
    int low = from + quarter;
    int middle = from + 2 * quarter;
    int high = from + 3 * quarter;
    pivotSwaps = 0;
    if (to - from >= SHORTEST_NINTHER) {
      low = median(low - 1, low, low + 1);
      middle = median(middle - 1, middle, middle + 1);
      high = median(high - 1, high, high + 1);
    }
    return median(low, middle, high);
  }

  private int median(int first, int second, int third) {
    int a = first;
    int b = second;
    int c = third;
    if (less(b, a)) {
      pivotSwaps++;
      int kept = a;
      a = b;
      b = kept;
    }
    if (less(c, b)) {
      pivotSwaps++;
      b = c;
    }
    if (less(b, a)) {
      pivotSwaps++;
      b = a;
    }
    return b;
  }

  private void reverse(int from, int to) {
    int low = from;
    int high = to - 1;
    while (low < high) {
      swap(low++, high--);
    }
  }

  /** Puts a few elements right; true where that was all there was to do. */
  private boolean finishesByShifting(int from, int to) {
    int i = from + 1;
    for (int shift = 0; shift < MOST_SHIFTS; shift++) {
      while (i < to && !less(i, i - 1)) {
        i++;
      }
      if (i == to) {
        return true;
      }
      if (to - from < SHORTEST_SHIFTING) {
        return false;
      }
      swap(i, i - 1);
      if (i - from >= 2) {
        for (int j = i - 1; j >= 1 && less(j, j - 1); j--) {
          swap(j, j - 1);
        }
      }
      if (to - i >= 2) {
        for (int j = i + 1; j < to && less(j, j - 1); j++) {
          swap(j, j - 1);
        }
      }
    }
    return false;
  }

  /** Moves what equals the pivot to the front, and returns where the greater elements begin. */
  private int partitionEqual(int from, int to, int pivot) {
    swap(from, pivot);
    int low = from + 1;
    int high = to - 1;
    while (true) {
      while (low <= high && !less(from, low)) {
        low++;
      }
      while (low <= high && less(from, high)) {
        high--;
      }
      if (low > high) {
        return low;
      }
      swap(low++, high--);
    }
  }

  /** Moves lesser elements before the pivot, and returns where that then stands. */
  private int partition(int from, int to, int pivot) {
    swap(from, pivot);
    int low = from + 1;
    int high = to - 1;
    wasPartitioned = true;
    while (true) {
      while (low <= high && less(low, from)) {
        low++;
      }
      while (low <= high && !less(high, from)) {
        high--;
      }
      if (low > high) {
        swap(high, from);
        return high;
      }
      wasPartitioned = false;
      swap(low++, high--);
    }
  }
}
