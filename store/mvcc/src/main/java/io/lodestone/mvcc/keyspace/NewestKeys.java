package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The keys that live at the newest revision of the rows: one scan of {@code head}; long values are
 * read from {@code revisions} as they are asked for.
 */
public final class NewestKeys implements Keys {
  private final Rows rows;

  public NewestKeys(Rows rows) {
    this.rows = rows;
  }

  @Override
  public Optional<Head> get(ByteString key) {
    return rows.get(Family.HEAD, key).map(stored -> Head.ofStored(stored, rows));
  }

  @Override
  public long scan(Bounds bounds, long limit, Consumer<Head> visitor) {
    if (bounds.isEmpty()) {
      return 0;
    }
    try (Cursor cursor = rows.between(Family.HEAD, bounds.from(), bounds.to())) {
      long count = 0;
      while (cursor.next()) {
        if (count++ < limit) {
          visitor.accept(Head.ofStored(cursor.value(), rows));
        }
      }
      return count;
    }
  }

  @Override
  public boolean any() {
    try (Cursor cursor = rows.from(Family.HEAD, ByteString.EMPTY)) {
      return cursor.next();
    }
  }
}
