package io.lodestone.mvcc.rocks;

import io.lodestone.api.TruncatedDataException;
import io.lodestone.api.UnsupportedFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** Opens a database, and says what is wrong with one that does not open. */
final class RocksOpening {
  private static final String POINTER = "CURRENT";

  private RocksOpening() {}

  static RocksDB open(
      Path directory,
      DBOptions options,
      List<ColumnFamilyDescriptor> families,
      List<ColumnFamilyHandle> handles)
      throws IOException {
    requireWhole(directory);
    try {
      return RocksDB.open(options, directory.toString(), families, handles);
    } catch (RocksDBException e) {
      String reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      if (reason.contains("column families not opened") || reason.contains("unknown")) {
        throw new UnsupportedFormatException(
            "the store in " + directory + " was written by a newer version: " + e.getMessage(),
            "use the version that wrote it, or a newer one",
            e);
      }
      if (reason.contains("no such file") || reason.contains("missing")) {
        throw truncated(directory, e.getMessage(), e);
      }
      throw RocksFailures.checked("opening the store in " + directory, e);
    }
  }

  /** Table or manifest files without the pointer to the manifest are the rest of a store. */
  private static void requireWhole(Path directory) throws IOException {
    if (Files.exists(directory.resolve(POINTER))) {
      return;
    }
    try (var files = Files.list(directory)) {
      if (files.anyMatch(RocksOpening::isOfStore)) {
        throw truncated(directory, "the file " + POINTER + " is missing", null);
      }
    }
  }

  private static boolean isOfStore(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".sst") || name.startsWith("MANIFEST-");
  }

  private static TruncatedDataException truncated(
      Path directory, String reason, RocksDBException cause) {
    return new TruncatedDataException(
        "the store in " + directory + " is incomplete: " + reason,
        "put the missing files back, or restore from a backup into an empty directory",
        cause);
  }
}
