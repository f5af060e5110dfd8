package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.rocksdb.RocksDBException;

/**
 * Rows of one family that come in any order, of which the last one of a key counts. They are sorted
 * in memory, run by run; each run is written as a table file while the next one fills, and brought
 * to the disk and taken into the store while the next one is sorted. Confined to one thread.
 */
public final class UnsortedLoad implements AutoCloseable {
  private final RocksStore store;
  private final Family family;
  private final Path directory;
  private final LoadThread ingestion;
  private final RowBuffers buffers = new RowBuffers();
  private final RunPipeline runs;
  private int files;

  /**
   * @param runBytes of keys and values in a run, of which there are two
   */
  UnsortedLoad(RocksStore store, Family family, Path directory, int runBytes) {
    this.store = store;
    this.family = family;
    this.directory = directory;
    this.ingestion = new LoadThread("ingest-" + family.name().toLowerCase(Locale.ROOT));
    this.runs = new RunPipeline(family, runBytes, this::sort);
  }

  public void put(ByteString key, ByteString value) throws IOException {
    runs.put(key, value);
  }

  public void delete(ByteString key) throws IOException {
    runs.delete(key);
  }

  private void sort(Run run) throws IOException {
    Path file = TableFile.path(directory, family, files++);
    boolean handedOver = false;
    try {
      TableFile table = written(run, file);
      try {
        ingestion.begin(() -> takeIn(table, file));
        handedOver = true;
      } finally {
        if (!handedOver) {
          table.close();
        }
      }
    } finally {
      if (!handedOver) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** To be finished and closed by the caller. */
  private TableFile written(Run run, Path file) throws IOException {
    try {
      TableFile table = new TableFile(file, buffers);
      try {
        run.writeSorted(table);
        return table;
      } catch (RocksDBException | RuntimeException e) {
        table.close();
        throw e;
      }
    } catch (RocksDBException e) {
      throw RocksFailures.checked("writing a table file", e);
    }
  }

  private void takeIn(TableFile table, Path file) throws IOException, InterruptedException {
    try {
      try (table) {
        table.finish();
      } catch (RocksDBException e) {
        throw RocksFailures.checked("finishing a table file", e);
      }
      store.awaitMerged(family, RocksOptions.LOADED_FILES);
      store.ingest(family, List.of(file));
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** When this returns, all rows are in the store, and on disk. */
  public void finish() throws IOException {
    runs.finish();
    ingestion.await();
  }

  /** Waits for what is under way; what was not finished is in the store in part. */
  @Override
  public void close() {
    runs.close();
    ingestion.close();
  }
}
