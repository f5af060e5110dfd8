package io.lodestone.mvcc.rocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class KeyOrderTest {
  private static final int ROUNDS = 300;
  private static final int MOST_KEYS = 400;

  @Test
  void keysOfAnyBytesStandInOrderAndEqualOnesAsTheyCame() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      List<byte[]> keys = keys(random);
      List<Integer> expected =
          IntStream.range(0, keys.size())
              .boxed()
              .sorted(Comparator.comparing(keys::get, Arrays::compareUnsigned))
              .toList();
      KeyOrder order = orderOf(keys);
      assertEquals(expected, rows(order), "seed " + seed + ", round " + round);
      for (int place = 0; place < keys.size(); place++) {
        boolean same =
            place + 1 < keys.size()
                && Arrays.equals(keys.get(expected.get(place)), keys.get(expected.get(place + 1)));
        assertEquals(same, order.sameKeyFollows(place), "seed " + seed + ", round " + round);
      }
    }
  }

  /** Every comparison of such keys would be as long as they are, and a recursion as deep. */
  @Test
  void keysThatBeginEachOtherAreNoTrouble() {
    List<byte[]> keys = new ArrayList<>();
    for (int length = 5_000; length >= 0; length--) {
      keys.add(new byte[length]);
    }
    List<Integer> expected =
        IntStream.iterate(5_000, row -> row >= 0, row -> row - 1).boxed().toList();
    assertEquals(expected, rows(orderOf(keys)));
  }

  @Test
  void oneKeyManyTimes() {
    byte[] key = "/registry/leases/one".getBytes(StandardCharsets.UTF_8);
    KeyOrder order = orderOf(Collections.nCopies(1000, key));
    assertEquals(IntStream.range(0, 1000).boxed().toList(), rows(order));
    assertTrue(order.sameKeyFollows(0));
    assertFalse(order.sameKeyFollows(999));
  }

  @Test
  void nothingIsInOrderToo() {
    assertEquals(0, orderOf(List.of()).size());
  }

  /** A new key is often one that was there before, with its end changed, cut off or longer. */
  private static List<byte[]> keys(Random random) {
    List<byte[]> keys = new ArrayList<>();
    int count = 1 + random.nextInt(MOST_KEYS);
    for (int i = 0; i < count; i++) {
      byte[] last = keys.isEmpty() ? new byte[0] : keys.get(random.nextInt(keys.size()));
      byte[] tail = new byte[random.nextInt(9)];
      random.nextBytes(tail);
      for (int at = 0; at < tail.length && random.nextBoolean(); at++) {
        tail[at] = 0;
      }
      int kept = random.nextInt(last.length + 1);
      byte[] key = Arrays.copyOf(last, kept + tail.length);
      System.arraycopy(tail, 0, key, kept, tail.length);
      keys.add(key);
    }
    return keys;
  }

  /** As they lie in a run: a value behind each key. */
  private static KeyOrder orderOf(List<byte[]> keys) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int[] starts = new int[keys.size()];
    int[] keyEnds = new int[keys.size()];
    for (int row = 0; row < keys.size(); row++) {
      starts[row] = bytes.size();
      bytes.writeBytes(keys.get(row));
      keyEnds[row] = bytes.size();
      bytes.writeBytes(new byte[] {(byte) 0xff, 0, 1});
    }
    return new KeyOrder(bytes.toByteArray(), starts, keyEnds, keys.size());
  }

  private static List<Integer> rows(KeyOrder order) {
    return IntStream.range(0, order.size()).map(order::row).boxed().toList();
  }
}
