package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The keys that lived at a past revision, which must not be below the compact revision: for each
 * key of the range one seek in {@code index} and one row of {@code revisions}.
 */
public final class PastKeys implements Keys {
  private static final Bounds EVERYTHING = new Bounds(ByteString.EMPTY, ByteString.EMPTY);

  private final Rows rows;
  private final long revision;

  public PastKeys(Rows rows, long revision) {
    this.rows = rows;
    this.revision = revision;
  }

  @Override
  public Optional<Head> get(ByteString key) {
    ByteString newest = IndexKeys.newestUpTo(key, revision);
    try (Cursor cursor = rows.between(Family.INDEX, newest, IndexKeys.behind(key))) {
      return cursor.next() && isLive(cursor) ? Optional.of(head(cursor.key())) : Optional.empty();
    }
  }

  @Override
  public long scan(Bounds bounds, long limit, Consumer<Head> visitor) {
    long[] count = {0};
    walk(
        bounds,
        indexKey -> {
          if (count[0]++ < limit) {
            visitor.accept(head(indexKey));
          }
          return true;
        });
    return count[0];
  }

  @Override
  public boolean any() {
    boolean[] found = {false};
    walk(
        EVERYTHING,
        indexKey -> {
          found[0] = true;
          return false;
        });
    return found[0];
  }

  /** Shows the index key of each key that lives, until the visitor has seen enough. */
  private void walk(Bounds bounds, Predicate<ByteString> visitor) {
    if (bounds.isEmpty()) {
      return;
    }
    ByteString to = bounds.to().isEmpty() ? bounds.to() : IndexKeys.before(bounds.to());
    try (Cursor cursor = rows.between(Family.INDEX, IndexKeys.before(bounds.from()), to)) {
      boolean wanted = true;
      while (wanted && cursor.next()) {
        ByteString indexKey = cursor.key();
        ByteString key = IndexKeys.userKey(indexKey);
        if (IndexKeys.revision(indexKey).main() > revision) {
          cursor.seek(IndexKeys.newestUpTo(key, revision));
        } else {
          wanted = !isLive(cursor) || visitor.test(indexKey);
          cursor.seek(IndexKeys.behind(key));
        }
      }
    }
  }

  private static boolean isLive(Cursor cursor) {
    return cursor.value().isEmpty();
  }

  private Head head(ByteString indexKey) {
    return Head.at(IndexKeys.revision(indexKey), rows);
  }
}
