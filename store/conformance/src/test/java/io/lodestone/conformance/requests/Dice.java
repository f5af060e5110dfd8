package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Random;

/** Seeded choices. Confined to one thread. */
final class Dice {
  private final Random random;

  Dice(long seed) {
    this.random = new Random(seed);
  }

  /** From 0 to {@code bound - 1}. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** From {@code low} to {@code high}, both included. */
  long between(long low, long high) {
    return low + Math.floorMod(random.nextLong(), high - low + 1);
  }

  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  boolean coin() {
    return random.nextBoolean();
  }

  /** A number that an enum of {@code known} values has, or now and then one it does not have. */
  int enumNumber(int known) {
    return oneIn(60) ? known + below(3) : below(known);
  }

  @SafeVarargs
  final <T> T pick(T... from) {
    return from[random.nextInt(from.length)];
  }

  <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  ByteString bytes(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
