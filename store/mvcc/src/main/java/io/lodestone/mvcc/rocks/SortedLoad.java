package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.RocksDBException;

/**
 * Rows of one family that come in ascending order of their keys, written straight into table files,
 * by a thread of their own, and taken into the store as a whole by {@link #finish}. Confined to one
 * thread.
 */
public final class SortedLoad implements AutoCloseable {
  private static final long FILE_BYTES = 128 << 20;

  /** So many are handed over to the thread that writes them. */
  private static final int RUN_BYTES = 1 << 20;

  private final RocksStore store;
  private final Family family;
  private final Path directory;
  private final RowBuffers buffers = new RowBuffers();
  private final RunPipeline runs;
  private final List<Path> files = new ArrayList<>();
  private TableFile current;
  private long bytes;

  SortedLoad(RocksStore store, Family family, Path directory) {
    this.store = store;
    this.family = family;
    this.directory = directory;
    this.runs = new RunPipeline(family, RUN_BYTES, this::append);
  }

  /** Takes the next row; its key must be greater than that of the one before. */
  public void put(ByteString key, ByteString value) throws IOException {
    runs.put(key, value);
  }

  private void append(Run run) throws IOException {
    try {
      if (current == null) {
        Path file = TableFile.path(directory, family, files.size());
        files.add(file);
        current = new TableFile(file, buffers);
      }
      run.write(current);
      bytes += run.sizeBytes();
      if (bytes >= FILE_BYTES) {
        closeFile();
      }
    } catch (RocksDBException e) {
      throw RocksFailures.checked("writing a table file", e);
    }
  }

  private void closeFile() throws RocksDBException {
    current.finish();
    current.close();
    current = null;
    bytes = 0;
  }

  /** When this returns, all rows are in the store, and on disk. */
  public void finish() throws IOException {
    runs.finish();
    try {
      if (current != null) {
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
    runs.close();
    if (current != null) {
      current.close();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
