package io.lodestone.api;

/**
 * A lease's identity, chosen by the client or the server; prints as etcdctl prints it, in
 * lower-case hex. Immutable.
 */
public record LeaseId(long value) implements Comparable<LeaseId> {
  @Override
  public int compareTo(LeaseId other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toHexString(value);
  }
}
