package io.lodestone.repository;

import java.time.Instant;
import java.util.OptionalDouble;

/**
 * That a drill has restored a lineage, and what it found. Immutable.
 *
 * @param revision that was restored; {@code compactRevision} -1 where it was never compacted
 * @param hashKv as etcd computes it over what was restored, unsigned 32 bits
 * @param provedAt by the clock of who did it, {@code host}
 * @param source whether the source itself has told its hash, when that was captured or when the
 *     drill was made, and it was the same
 * @param bytes that were read, as stored, in {@code seconds}
 */
public record Proof(
    long revision,
    long compactRevision,
    long hashKv,
    Instant provedAt,
    String host,
    boolean source,
    long bytes,
    double seconds) {
  /**
   * How long restoring {@code more} stored bytes may take at that speed; empty if it tells none.
   */
  public OptionalDouble secondsFor(long more) {
    return bytes > 0 ? OptionalDouble.of(seconds * more / bytes) : OptionalDouble.empty();
  }
}
