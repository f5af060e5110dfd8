package io.lodestone.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyRangesTest {
  @Test
  void neighboursTogetherCoverWhatNeitherCoversAlone() {
    KeyRanges ranges = new KeyRanges();
    ranges.add(range("a", "c"));
    ranges.add(range("c", "e"));
    assertThat(ranges.covers(range("b", "d"))).isTrue();
    assertThat(ranges.covers(range("b", "f"))).isFalse();
    assertThat(ranges.covers(KeyRange.single(utf8("d")))).isTrue();
    assertThat(ranges.covers(KeyRange.single(utf8("e")))).isFalse();
  }

  @Test
  void onlyAnUnboundedRangeCoversAnUnboundedOne() {
    KeyRanges ranges = new KeyRanges();
    ranges.add(range("a", "z"));
    assertThat(ranges.covers(new KeyRange(utf8("b"), KeyRange.all().end()))).isFalse();
    ranges.add(new KeyRange(utf8("m"), KeyRange.all().end()));
    assertThat(ranges.covers(new KeyRange(utf8("b"), KeyRange.all().end()))).isTrue();
  }

  @Test
  void aRangeThatEndsBeforeItStartsHoldsNothing() {
    KeyRanges ranges = new KeyRanges();
    ranges.add(range("c", "a"));
    assertThat(ranges.contains(utf8("b"))).isFalse();
    assertThat(ranges.contains(utf8("c"))).isFalse();
  }

  @Test
  void theUnionHoldsAKeyWhereverOneOfItsPartsDoes() {
    Random random = new Random(2);
    for (int round = 0; round < 200; round++) {
      KeyRanges union = new KeyRanges();
      KeyRange[] parts = new KeyRange[6];
      for (int i = 0; i < parts.length; i++) {
        ByteString end = random.nextInt(4) == 0 ? ByteString.EMPTY : letter(random);
        parts[i] = new KeyRange(letter(random), end);
        union.add(parts[i]);
      }
      for (char c = 'a'; c <= 'z'; c++) {
        ByteString key = utf8(String.valueOf(c));
        boolean expected = false;
        for (KeyRange part : parts) {
          expected |= part.contains(key);
        }
        assertThat(union.contains(key)).isEqualTo(expected);
      }
    }
  }

  private static ByteString letter(Random random) {
    return utf8(String.valueOf((char) ('a' + random.nextInt(26))));
  }

  private static KeyRange range(String from, String to) {
    return new KeyRange(utf8(from), utf8(to));
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
