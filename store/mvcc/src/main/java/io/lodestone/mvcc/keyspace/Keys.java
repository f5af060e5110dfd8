package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.function.Consumer;

/** The keys that live at one revision. */
public interface Keys {
  Optional<Head> get(ByteString key);

  /**
   * Shows the first {@code limit} keys of a range in ascending order, and returns how many keys the
   * range has in all.
   */
  long scan(Bounds bounds, long limit, Consumer<Head> visitor);

  /** Shows all keys of a range in ascending order. */
  default void scan(Bounds bounds, Consumer<Head> visitor) {
    scan(bounds, Long.MAX_VALUE, visitor);
  }

  /** True where any key lives at all. */
  boolean any();

  default long count(Bounds bounds) {
    return scan(bounds, 0, head -> {});
  }
}
