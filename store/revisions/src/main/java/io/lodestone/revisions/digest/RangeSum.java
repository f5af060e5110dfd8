package io.lodestone.revisions.digest;

import io.lodestone.api.KeyRange;
import java.math.BigInteger;

/**
 * The rows of one range of keys, summed up: how many, and the sum of their SHA-256 modulo 2^256,
 * which does not depend on order. Made to find damage and divergence, not to withstand somebody who
 * crafts colliding keyspaces. Immutable.
 */
public record RangeSum(KeyRange range, long rows, BigInteger sum) {
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(256);

  static RangeSum empty(KeyRange range) {
    return new RangeSum(range, 0, BigInteger.ZERO);
  }

  RangeSum plus(RangeSum other) {
    return new RangeSum(range, rows + other.rows, sum.add(other.sum).mod(MODULUS));
  }

  /** The sum in 64 hex digits. */
  public String hex() {
    String digits = sum.toString(16);
    return "0".repeat(64 - digits.length()) + digits;
  }
}
