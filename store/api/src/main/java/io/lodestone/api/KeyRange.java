package io.lodestone.api;

import com.google.protobuf.ByteString;
import java.util.Comparator;

/**
 * A set of keys as etcd's requests spell it: {@code end} empty means the single key {@code start};
 * {@code end} = one zero byte means every key from {@code start} on; otherwise {@code [start,
 * end)}, ordered as unsigned bytes. Immutable.
 */
public record KeyRange(ByteString start, ByteString end) {
  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});
  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  /** Every key there is. */
  public static KeyRange all() {
    return new KeyRange(ZERO, ZERO);
  }

  public static KeyRange single(ByteString key) {
    return new KeyRange(key, ByteString.EMPTY);
  }

  /** Every key that begins with {@code prefix}; all keys for an empty prefix. */
  public static KeyRange prefix(ByteString prefix) {
    byte[] end = prefix.toByteArray();
    for (int i = end.length - 1; i >= 0; i--) {
      if (end[i] != (byte) 0xff) {
        end[i]++;
        return new KeyRange(prefix, ByteString.copyFrom(end, 0, i + 1));
      }
    }
    return new KeyRange(prefix.isEmpty() ? ZERO : prefix, ZERO);
  }

  public boolean isSingle() {
    return end.isEmpty();
  }

  /** True where the range has no upper bound. */
  public boolean isFromKey() {
    return end.equals(ZERO);
  }

  public boolean contains(ByteString key) {
    if (isSingle()) {
      return key.equals(start);
    }
    return ORDER.compare(key, start) >= 0 && (isFromKey() || ORDER.compare(key, end) < 0);
  }

  /** True where every key of {@code other} is in this range. */
  public boolean contains(KeyRange other) {
    if (other.isSingle()) {
      return contains(other.start());
    }
    boolean endsWithin =
        isFromKey() || (!other.isFromKey() && !isSingle() && ORDER.compare(other.end(), end) <= 0);
    return contains(other.start()) && endsWithin;
  }
}
