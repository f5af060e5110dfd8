package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Walks rows in ascending order of their keys, as unsigned bytes. Stands before its first row when
 * opened. Confined to one thread.
 *
 * <pre>{@code
 * try (Cursor cursor = rows.between(Family.HEAD, from, to)) {
 *   while (cursor.next()) { out.add(cursor.value()); }
 * }
 * }</pre>
 */
public final class Cursor implements AutoCloseable {
  private final RocksIterator iterator;
  private final Natives natives;
  private final AtomicInteger open;
  private byte[] pendingSeek;

  /** Natively, a step behind the end is a crash. */
  private boolean ended;

  private boolean closed;

  /** Takes over {@code natives}, the iterator among them. */
  Cursor(RocksIterator iterator, Natives natives, ByteString from, AtomicInteger open) {
    this.iterator = iterator;
    this.natives = natives;
    this.pendingSeek = from.toByteArray();
    this.open = open;
    open.incrementAndGet();
  }

  /** Moves to the next row; false where there is none. */
  public boolean next() {
    if (ended && pendingSeek == null) {
      return false;
    }
    if (pendingSeek == null) {
      iterator.next();
    } else {
      iterator.seek(pendingSeek);
      pendingSeek = null;
    }
    ended = !iterator.isValid();
    if (ended) {
      requireNoFailure();
    }
    return !ended;
  }

  /** The next row will be the first at or behind {@code key}. */
  public void seek(ByteString key) {
    pendingSeek = key.toByteArray();
  }

  private void requireNoFailure() {
    try {
      iterator.status();
    } catch (RocksDBException e) {
      throw RocksFailures.unchecked("reading rows", e);
    }
  }

  public ByteString key() {
    return UnsafeByteOperations.unsafeWrap(iterator.key());
  }

  public ByteString value() {
    return UnsafeByteOperations.unsafeWrap(iterator.value());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      natives.close();
      open.decrementAndGet();
    }
  }
}
