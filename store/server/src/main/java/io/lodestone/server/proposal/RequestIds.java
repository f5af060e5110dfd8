package io.lodestone.server.proposal;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Ids that differ between members and between starts of one member, as etcd makes them: 2 bytes of
 * the member's id, 5 bytes of the start's time in milliseconds, 1 byte and its carry of a counter.
 * Thread-safe.
 */
public final class RequestIds {
  private static final int TIME_BITS = 40;
  private static final int COUNT_BITS = 8;

  private final long prefix;
  private final AtomicLong suffix;

  public RequestIds(long memberId, long nowMillis) {
    prefix = memberId << (TIME_BITS + COUNT_BITS);
    suffix = new AtomicLong((nowMillis & ((1L << TIME_BITS) - 1)) << COUNT_BITS);
  }

  public long next() {
    return prefix | (suffix.incrementAndGet() & ((1L << (TIME_BITS + COUNT_BITS)) - 1));
  }

  /** A new lease's id: positive. */
  public long nextLeaseId() {
    long id = next() & Long.MAX_VALUE;
    return id != 0 ? id : nextLeaseId();
  }
}
