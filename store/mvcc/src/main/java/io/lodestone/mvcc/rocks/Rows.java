package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.util.Optional;

/**
 * Rows to be read: those of the moment for {@link RocksStore#latest}, those of one past moment for
 * a {@link RocksView}. Thread-safe. A failing disk is an {@link java.io.UncheckedIOException},
 * damaged data a {@link io.lodestone.api.CorruptDataException}.
 */
public interface Rows {
  /** The row's value; empty where there is no such row. */
  Optional<ByteString> get(Family family, ByteString key);

  /** Rows from {@code from} on. To be closed by the caller. */
  Cursor from(Family family, ByteString from);

  /** Rows of {@code [from, to)}. To be closed by the caller. */
  Cursor between(Family family, ByteString from, ByteString to);
}
