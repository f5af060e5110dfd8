package io.lodestone.migrate.v2;

import java.util.List;

/**
 * A subtree of v2 at one moment. Immutable.
 *
 * @param index counts every change of the whole v2 store
 */
record V2Tree(long index, List<V2Entry> entries) {
  V2Tree {
    entries = List.copyOf(entries);
  }
}
