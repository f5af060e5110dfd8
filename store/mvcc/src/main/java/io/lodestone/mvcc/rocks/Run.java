package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import org.rocksdb.RocksDBException;

/**
 * Rows in the order in which they came, to be written in the order of their keys; of several with
 * one key the last one counts. Kept in one array, so that a million of them cost no million of
 * objects. Confined to one thread at a time.
 */
final class Run {
  private static final int FIRST_ROWS = 1 << 12;

  private final int capacityBytes;
  private byte[] bytes;
  private int[] starts = new int[FIRST_ROWS];
  private int[] keyEnds = new int[FIRST_ROWS];
  private final BitSet deletions = new BitSet();
  private int size;
  private int rows;

  Run(int capacityBytes) {
    this.capacityBytes = capacityBytes;
    this.bytes = new byte[capacityBytes];
  }

  boolean isEmpty() {
    return rows == 0;
  }

  boolean hasRoomFor(long moreBytes) {
    return size + moreBytes <= bytes.length;
  }

  /** Room is made for a row that is larger than a whole run. */
  void put(ByteString key, ByteString value) {
    add(key, value);
  }

  void delete(ByteString key) {
    deletions.set(rows);
    add(key, ByteString.EMPTY);
  }

  private void add(ByteString key, ByteString value) {
    int end = Math.addExact(size, Math.addExact(key.size(), value.size()));
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, end);
    }
    // One more: where the last row ends.
    if (rows + 1 == starts.length) {
      starts = Arrays.copyOf(starts, 2 * starts.length);
      keyEnds = Arrays.copyOf(keyEnds, 2 * keyEnds.length);
    }
    key.copyTo(bytes, size);
    keyEnds[rows] = size + key.size();
    value.copyTo(bytes, keyEnds[rows]);
    size = end;
    starts[++rows] = size;
  }

  /** Forgets everything, to be filled anew. */
  void clear() {
    if (bytes.length > capacityBytes) {
      bytes = new byte[capacityBytes];
    }
    deletions.clear();
    size = 0;
    rows = 0;
  }

  void writeTo(TableFile file) throws RocksDBException {
    Integer[] order = new Integer[rows];
    Arrays.setAll(order, row -> row);
    Comparator<Integer> byKey = this::compareKeys;
    Arrays.sort(order, byKey.thenComparing(Comparator.reverseOrder()));
    for (int i = 0; i < rows; i++) {
      if (i == 0 || compareKeys(order[i - 1], order[i]) != 0) {
        write(order[i], file);
      }
    }
  }

  private int compareKeys(int a, int b) {
    return Arrays.compareUnsigned(bytes, starts[a], keyEnds[a], bytes, starts[b], keyEnds[b]);
  }

  private void write(int row, TableFile file) throws RocksDBException {
    byte[] key = Arrays.copyOfRange(bytes, starts[row], keyEnds[row]);
    if (deletions.get(row)) {
      file.delete(key);
    } else {
      file.put(key, Arrays.copyOfRange(bytes, keyEnds[row], starts[row + 1]));
    }
  }
}
