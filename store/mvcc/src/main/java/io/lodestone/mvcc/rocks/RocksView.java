package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.ReadOptions;
import org.rocksdb.Snapshot;

/**
 * All rows as they were at one moment. Thread-safe; counted: whoever opens or retains it releases
 * it, and with the last release the storage of that moment may go.
 */
public final class RocksView implements Rows {
  private final RocksStore store;
  private final Snapshot snapshot;
  private final ReadOptions options;
  private final AtomicInteger references = new AtomicInteger(1);

  RocksView(RocksStore store, Snapshot snapshot) {
    this.store = store;
    this.snapshot = snapshot;
    this.options = new ReadOptions().setSnapshot(snapshot);
  }

  /** One more reader; false where the last one has gone already. */
  public boolean retain() {
    int readers = references.get();
    while (readers > 0) {
      if (references.compareAndSet(readers, readers + 1)) {
        return true;
      }
      readers = references.get();
    }
    return false;
  }

  public void release() {
    int left = references.decrementAndGet();
    if (left == 0) {
      options.close();
      store.forget(this, snapshot);
    } else if (left < 0) {
      throw new IllegalStateException("a view was released more often than retained");
    }
  }

  int references() {
    return references.get();
  }

  @Override
  public Optional<ByteString> get(Family family, ByteString key) {
    return store.get(family, options, key);
  }

  @Override
  public Cursor from(Family family, ByteString from) {
    return store.cursor(family, from, ByteString.EMPTY, snapshot);
  }

  @Override
  public Cursor between(Family family, ByteString from, ByteString to) {
    return store.cursor(family, from, to, snapshot);
  }
}
