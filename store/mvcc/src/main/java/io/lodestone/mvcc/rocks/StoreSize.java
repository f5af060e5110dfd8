package io.lodestone.mvcc.rocks;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The size of a store, measured a few times a second at most and reckoned in between: measuring
 * takes RocksDB's lock, which is too slow for every write. Thread-safe.
 */
final class StoreSize {
  private static final long MEASURED_EVERY_NANOS = 100_000_000;
  private static final long MEASURED_EVERY_BYTES = 1 << 20;

  private final LongSupplier store;
  private final AtomicLong since = new AtomicLong();
  private volatile Measured last;

  private record Measured(long bytes, long atNanos) {}

  /**
   * @param store measures, in bytes
   */
  StoreSize(LongSupplier store) {
    this.store = store;
    this.last = new Measured(0, System.nanoTime() - MEASURED_EVERY_NANOS);
  }

  /** Bytes were written. */
  void grows(long bytes) {
    since.addAndGet(bytes);
  }

  /** The next look measures. */
  void forget() {
    grows(MEASURED_EVERY_BYTES);
  }

  /** In bytes. */
  long bytes() {
    Measured known = last;
    long grown = since.get();
    boolean fresh = System.nanoTime() - known.atNanos < MEASURED_EVERY_NANOS;
    return fresh && grown < MEASURED_EVERY_BYTES ? known.bytes + grown : measure(grown);
  }

  private long measure(long grown) {
    since.addAndGet(-grown);
    long bytes = store.getAsLong();
    last = new Measured(bytes, System.nanoTime());
    return bytes;
  }
}
