package io.lodestone.auth;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** A union of key ranges, kept as disjoint intervals. Confined to one thread. */
public final class KeyRanges {
  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  /** Start of each interval to its end, which is not part of it; empty where there is no end. */
  private final NavigableMap<ByteString, Optional<ByteString>> intervals =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());

  public void add(KeyRange range) {
    Optional<ByteString> end = end(range);
    if (isEmpty(range.start(), end)) {
      return;
    }
    ByteString start = range.start();
    Map.Entry<ByteString, Optional<ByteString>> before = intervals.floorEntry(start);
    if (before != null && reaches(before.getValue(), start)) {
      start = before.getKey();
      end = later(end, before.getValue());
    }
    NavigableMap<ByteString, Optional<ByteString>> behind = intervals.tailMap(start, true);
    while (!behind.isEmpty() && reaches(end, behind.firstKey())) {
      end = later(end, behind.pollFirstEntry().getValue());
    }
    intervals.put(start, end);
  }

  public boolean contains(ByteString key) {
    Map.Entry<ByteString, Optional<ByteString>> interval = intervals.floorEntry(key);
    return interval != null
        && (interval.getValue().isEmpty() || isBelow(key, interval.getValue().get()));
  }

  /**
   * Whether every key of {@code range} is in the union. Of a range that ends before it starts only
   * the start counts, as in etcd.
   */
  public boolean covers(KeyRange range) {
    Map.Entry<ByteString, Optional<ByteString>> interval = intervals.floorEntry(range.start());
    if (interval == null || !contains(range.start())) {
      return false;
    }
    Optional<ByteString> end = end(range);
    return interval.getValue().isEmpty()
        || (end.isPresent() && !isBelow(interval.getValue().get(), end.get()));
  }

  /** The first key behind {@code range}; empty where there is none. */
  public static Optional<ByteString> end(KeyRange range) {
    if (range.isSingle()) {
      return Optional.of(range.start().concat(ZERO));
    }
    return range.isFromKey() ? Optional.empty() : Optional.of(range.end());
  }

  private static boolean isEmpty(ByteString start, Optional<ByteString> end) {
    return end.isPresent() && !isBelow(start, end.get());
  }

  /** Whether an interval that ends at {@code end} touches one that begins at {@code start}. */
  private static boolean reaches(Optional<ByteString> end, ByteString start) {
    return end.isEmpty() || !isBelow(end.get(), start);
  }

  private static Optional<ByteString> later(Optional<ByteString> a, Optional<ByteString> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return Optional.empty();
    }
    return isBelow(a.get(), b.get()) ? b : a;
  }

  private static boolean isBelow(ByteString a, ByteString b) {
    return ByteString.unsignedLexicographicalComparator().compare(a, b) < 0;
  }
}
