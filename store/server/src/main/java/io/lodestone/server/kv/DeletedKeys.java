package io.lodestone.server.kv;

import com.google.protobuf.ByteString;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/**
 * The keys that a transaction's deletes may hit: a union of intervals. Confined to one thread.
 *
 * <p>A delete of every key from some key on counts for nothing here, as in etcd, which takes its
 * range end of one zero byte for an ordinary bound.
 */
final class DeletedKeys {
  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();
  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

  /** Start to end, exclusive; disjoint. */
  private final TreeMap<ByteString, ByteString> intervals = new TreeMap<>(ORDER);

  void add(ByteString key, ByteString rangeEnd) {
    addInterval(key, rangeEnd.isEmpty() ? key.concat(ZERO) : rangeEnd);
  }

  void addAll(DeletedKeys others) {
    others.intervals.forEach(this::addInterval);
  }

  private void addInterval(ByteString start, ByteString end) {
    if (ORDER.compare(start, end) >= 0) {
      return;
    }
    ByteString from = start;
    ByteString to = end;
    Map.Entry<ByteString, ByteString> neighbour = intervals.floorEntry(to);
    while (neighbour != null && ORDER.compare(neighbour.getValue(), from) >= 0) {
      from = least(from, neighbour.getKey());
      to = greatest(to, neighbour.getValue());
      intervals.remove(neighbour.getKey());
      neighbour = intervals.floorEntry(to);
    }
    intervals.put(from, to);
  }

  boolean contains(ByteString key) {
    Map.Entry<ByteString, ByteString> interval = intervals.floorEntry(key);
    return interval != null && ORDER.compare(key, interval.getValue()) < 0;
  }

  private static ByteString least(ByteString a, ByteString b) {
    return ORDER.compare(a, b) <= 0 ? a : b;
  }

  private static ByteString greatest(ByteString a, ByteString b) {
    return ORDER.compare(a, b) >= 0 ? a : b;
  }
}
