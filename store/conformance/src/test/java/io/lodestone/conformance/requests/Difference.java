package io.lodestone.conformance.requests;

/**
 * One difference as it was seen. Immutable.
 *
 * @param kind method and field, for example {@code KV/Range kvs.lease}
 * @param number the request's position in its run, from 1
 * @param input what was sent
 */
record Difference(String kind, long number, String input, String expected, String actual) {
  @Override
  public String toString() {
    return String.format(
        "%s%n  request %d: %s%n  expected: %s%n  actual:   %s",
        kind, number, input, expected, actual);
  }
}
