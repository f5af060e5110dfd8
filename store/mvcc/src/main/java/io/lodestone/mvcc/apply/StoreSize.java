package io.lodestone.mvcc.apply;

import io.lodestone.mvcc.rocks.RocksStore;

/**
 * The size of a store, measured now and then and reckoned in between, since measuring is too slow
 * for every write. Confined to the apply thread.
 */
final class StoreSize {
  private static final long MEASURED_EVERY_BYTES = 1 << 20;

  private final RocksStore store;
  private long measured;
  private long since;

  StoreSize(RocksStore store) {
    this.store = store;
    this.measured = store.sizeBytes();
  }

  void grows(long bytes) {
    since += bytes;
    if (since >= MEASURED_EVERY_BYTES) {
      measured = store.sizeBytes();
      since = 0;
    }
  }

  long bytes() {
    return measured + since;
  }
}
