package io.lodestone.conformance.cluster;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** What clients were told. Thread-safe. */
final class Observed {
  /** A write that was acknowledged at {@code revision}. */
  record Written(String key, String value, long revision) {}

  /**
   * What a linearizable read found.
   *
   * @param atLeast the newest revision that anybody had been told of before the read began
   * @param revision of the answer's header
   * @param value empty where the key was absent
   */
  record Read(String key, String value, long atLeast, long revision) {}

  final ConcurrentLinkedQueue<Written> writes = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<Read> reads = new ConcurrentLinkedQueue<>();
  private final AtomicLong newest = new AtomicLong();

  /** The newest revision that anybody was told of. */
  long newest() {
    return newest.get();
  }

  void written(String key, String value, long revision) {
    writes.add(new Written(key, value, revision));
    told(revision);
  }

  void read(String key, String value, long atLeast, long revision) {
    reads.add(new Read(key, value, atLeast, revision));
    told(revision);
  }

  private void told(long revision) {
    newest.accumulateAndGet(revision, Math::max);
  }
}
