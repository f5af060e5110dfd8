package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import java.util.Comparator;

/**
 * A range of keys as it lies in storage: {@code [from, to)}, and no upper bound where {@code to} is
 * empty. Immutable.
 */
public record Bounds(ByteString from, ByteString to) {
  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

  public static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

  /** The range of a request whose end is not empty; see {@link io.lodestone.api.KeyRange}. */
  public static Bounds of(ByteString key, ByteString rangeEnd) {
    return new Bounds(key, rangeEnd.equals(ZERO) ? ByteString.EMPTY : rangeEnd);
  }

  public boolean isEmpty() {
    return !to.isEmpty() && ORDER.compare(from, to) >= 0;
  }

  /** For keys at or behind {@code from}. */
  boolean endsBefore(ByteString key) {
    return !to.isEmpty() && ORDER.compare(key, to) >= 0;
  }
}
