package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * Arguments: a small world of keys, so that requests meet each other, and beside it everything that
 * is odd or wrong. Confined to one thread.
 */
final class Vocabulary {
  /** Lease ids that clients choose. */
  static final int LEASES = 10;

  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});
  private static final ByteString LAST = ByteString.copyFrom(new byte[] {(byte) 0xff});

  private final Dice dice;
  private final boolean orderly;
  private final List<ByteString> keys = new ArrayList<>();
  private final List<ByteString> odd = new ArrayList<>();

  Vocabulary(Dice dice) {
    this(dice, false);
  }

  private Vocabulary(Dice dice, boolean orderly) {
    this.dice = dice;
    this.orderly = orderly;
    for (int i = 0; i < 16; i++) {
      keys.add(utf8("k/" + (char) ('a' + i % 4) + "/" + i));
    }
    for (String key : new String[] {"a", "b", "c", "k", "k/", "k/a", "k/b/", "z"}) {
      keys.add(utf8(key));
    }
    odd.addAll(List.of(ZERO, LAST, LAST.concat(LAST), utf8("a").concat(ZERO)));
    odd.addAll(List.of(utf8("k/é"), utf8("x".repeat(400)), ByteString.EMPTY));
  }

  /**
   * Without ranges that end before they start: what users may do with such a one depends, in etcd,
   * on the shape of its tree of permissions.
   */
  static Vocabulary orderly(Dice dice) {
    return new Vocabulary(dice, true);
  }

  static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  Dice dice() {
    return dice;
  }

  ByteString key() {
    return dice.oneIn(25) ? dice.pick(odd) : dice.pick(keys);
  }

  /** {@code count} different ordinary keys. */
  List<ByteString> keys(int count) {
    List<ByteString> left = new ArrayList<>(keys);
    List<ByteString> drawn = new ArrayList<>();
    while (drawn.size() < count && !left.isEmpty()) {
      drawn.add(left.remove(dice.below(left.size())));
    }
    return drawn;
  }

  /** Mostly a range that makes sense, now and then an inverted or empty one. */
  ByteString rangeEnd(ByteString key) {
    ByteString end = anyRangeEnd(key);
    return orderly && isInverted(key, end) ? ByteString.EMPTY : end;
  }

  private static boolean isInverted(ByteString key, ByteString end) {
    return !end.isEmpty()
        && !end.equals(ZERO)
        && ByteString.unsignedLexicographicalComparator().compare(end, key) <= 0;
  }

  private ByteString anyRangeEnd(ByteString key) {
    return switch (dice.below(12)) {
      case 0, 1, 2 -> prefixEnd(key);
      case 3 -> ZERO;
      case 4, 5 -> dice.pick(keys);
      case 6 -> dice.oneIn(3) ? key : LAST;
      default -> ByteString.EMPTY;
    };
  }

  private static ByteString prefixEnd(ByteString prefix) {
    for (int i = prefix.size() - 1; i >= 0; i--) {
      int last = Byte.toUnsignedInt(prefix.byteAt(i));
      if (last < 0xff) {
        byte[] end = prefix.substring(0, i + 1).toByteArray();
        end[i] = (byte) (last + 1);
        return ByteString.copyFrom(end);
      }
    }
    return ZERO;
  }

  ByteString value() {
    return switch (dice.below(40)) {
      case 0 -> ByteString.EMPTY;
      case 1 -> dice.bytes(1 + dice.below(6000));
      case 2 -> ZERO;
      default -> utf8("v" + dice.below(50));
    };
  }

  /** No lease, one of the clients' own, or one that nobody has granted. */
  long lease() {
    return switch (dice.below(12)) {
      case 0, 1, 2 -> 1 + dice.below(LEASES);
      case 3 -> dice.oneIn(4) ? 4711 : 0;
      case 4 -> dice.oneIn(8) ? -1 : 0;
      default -> 0;
    };
  }

  /** A revision to read at. */
  long revision(long current) {
    return switch (dice.below(12)) {
      case 0, 1 -> dice.between(1, current);
      case 2 -> Math.max(1, current - dice.below(20));
      case 3 -> current;
      case 4 -> dice.oneIn(4) ? current + 1 + dice.below(1000) : 0;
      case 5 -> dice.oneIn(6) ? dice.pick(-1L, Long.MIN_VALUE, Long.MAX_VALUE) : 0;
      default -> 0;
    };
  }
}
