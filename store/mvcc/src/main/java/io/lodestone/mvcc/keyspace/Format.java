package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.UnsupportedFormatException;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.RocksStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The version of the rows' format, kept in {@code meta}. Version 1 has all values in {@code head};
 * what is in it is read as it is, and a store that is opened becomes one of version 2.
 */
public final class Format {
  private static final ByteString KEY = ByteString.copyFromUtf8("format");
  private static final ByteString CURRENT = ByteString.copyFromUtf8("lodestone-engine 2");
  private static final ByteString BEFORE = ByteString.copyFromUtf8("lodestone-engine 1");

  private Format() {}

  /** Marks a store that is empty or of the version before; fails for one of another format. */
  public static void check(RocksStore store, Path directory) throws IOException {
    Optional<ByteString> found = store.latest().get(Family.META, KEY);
    if (found.isEmpty()) {
      requireEmpty(store, directory);
      mark(store);
    } else if (found.get().equals(BEFORE)) {
      mark(store);
    } else if (!found.get().equals(CURRENT)) {
      throw new UnsupportedFormatException(
          "the store in "
              + directory
              + " has the format \""
              + found.get().toStringUtf8()
              + "\"; this version knows \""
              + CURRENT.toStringUtf8()
              + "\"",
          "use the version that wrote it, or a newer one");
    }
  }

  private static void mark(RocksStore store) throws IOException {
    Mutations mark = store.newMutations();
    mark(mark);
    store.writeDurably(mark);
  }

  /** Writes the mark into a store that is being made. */
  public static void mark(Mutations mutations) {
    mutations.put(Family.META, KEY, CURRENT);
  }

  private static void requireEmpty(RocksStore store, Path directory) {
    for (Family family : Family.values()) {
      try (Cursor cursor = store.latest().from(family, ByteString.EMPTY)) {
        if (cursor.next()) {
          throw new CorruptDataException(
              "the store in " + directory + " holds data but does not name its format",
              "check the disk; restore this data directory from a backup");
        }
      }
    }
  }
}
