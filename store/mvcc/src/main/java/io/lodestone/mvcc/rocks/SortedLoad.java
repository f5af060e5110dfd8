package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/**
 * Rows of one family that come in ascending order of their keys, written straight into table files
 * and taken into the store as a whole by {@link #finish}. Confined to one thread.
 */
public final class SortedLoad implements AutoCloseable {
  private static final long FILE_BYTES = 128 << 20;

  private final RocksStore store;
  private final Family family;
  private final Path directory;
  private final Natives natives = new Natives();
  private final EnvOptions environment = natives.add(new EnvOptions());
  private final Options options;
  private final List<Path> files = new ArrayList<>();
  private Natives current = new Natives();
  private SstFileWriter writer;
  private long bytes;

  SortedLoad(RocksStore store, Family family, Path directory, Options options) {
    this.store = store;
    this.family = family;
    this.directory = directory;
    this.options = natives.add(options);
  }

  /** Takes the next row; its key must be greater than that of the one before. */
  public void put(ByteString key, ByteString value) throws IOException {
    try {
      if (writer == null) {
        open();
      }
      writer.put(key.toByteArray(), value.toByteArray());
      bytes += key.size() + value.size();
      if (bytes >= FILE_BYTES) {
        closeFile();
      }
    } catch (RocksDBException e) {
      throw RocksFailures.checked("writing a table file", e);
    }
  }

  private void open() throws RocksDBException {
    Path file =
        directory.resolve(
            "load-" + family.name().toLowerCase(Locale.ROOT) + "-" + files.size() + ".sst");
    files.add(file);
    writer = current.add(new SstFileWriter(environment, options));
    writer.open(file.toString());
  }

  private void closeFile() throws RocksDBException {
    writer.finish();
    current.close();
    current = new Natives();
    writer = null;
    bytes = 0;
  }

  /** When this returns, all rows are in the store, and on disk. */
  public void finish() throws IOException {
    try {
      if (writer != null) {
        closeFile();
      }
    } catch (RocksDBException e) {
      throw RocksFailures.checked("finishing a table file", e);
    }
    if (!files.isEmpty()) {
      store.ingest(family, files);
      files.clear();
    }
  }

  /** Removes what was not finished. */
  @Override
  public void close() throws IOException {
    current.close();
    natives.close();
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
