package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.BitSet;
import org.rocksdb.RocksDBException;

/**
 * Rows in the order in which they came, to be written so, or in the order of their keys. Kept in
 * one array, so that a million of them cost no million of objects. Confined to one thread at a
 * time.
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
    return size + moreBytes <= bytes.length && rows < KeyOrder.MOST_ROWS;
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

  int sizeBytes() {
    return size;
  }

  /** Writes all rows, whose keys are in ascending order. */
  void write(TableFile file) throws RocksDBException {
    for (int row = 0; row < rows; row++) {
      write(row, file);
    }
  }

  /** Writes the last row of each key, in the order of the keys. */
  void writeSorted(TableFile file) throws RocksDBException {
    KeyOrder order = new KeyOrder(bytes, starts, keyEnds, rows);
    for (int place = 0; place < order.size(); place++) {
      if (!order.sameKeyFollows(place)) {
        write(order.row(place), file);
      }
    }
  }

  private void write(int row, TableFile file) throws RocksDBException {
    if (deletions.get(row)) {
      file.delete(Arrays.copyOfRange(bytes, starts[row], keyEnds[row]));
    } else {
      file.put(bytes, starts[row], keyEnds[row], starts[row + 1]);
    }
  }
}
