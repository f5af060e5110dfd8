package io.lodestone.mvcc.rocks;

import com.google.common.base.Throwables;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDBException;

/**
 * Rows of one family that come in any order, of which the last one of a key counts. They are sorted
 * in memory, run by run; each run is written as a table file, and taken into the store, by a thread
 * of its own, while the next one fills. Confined to one thread.
 */
public final class UnsortedLoad implements AutoCloseable {
  private final RocksStore store;
  private final Family family;
  private final Path directory;
  private final ExecutorService sorter;
  private Run filling;
  private Run sorting;
  private Future<?> sorted = CompletableFuture.completedFuture(null);
  private int files;

  /**
   * @param runBytes of keys and values in a run, of which there are two
   */
  UnsortedLoad(RocksStore store, Family family, Path directory, int runBytes) {
    this.store = store;
    this.family = family;
    this.directory = directory;
    this.filling = new Run(runBytes);
    this.sorting = new Run(runBytes);
    String name = "load-" + family.name().toLowerCase(Locale.ROOT);
    this.sorter =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  public void put(ByteString key, ByteString value) throws IOException {
    makeRoom((long) key.size() + value.size());
    filling.put(key, value);
  }

  public void delete(ByteString key) throws IOException {
    makeRoom(key.size());
    filling.delete(key);
  }

  private void makeRoom(long bytes) throws IOException {
    if (!filling.isEmpty() && !filling.hasRoomFor(bytes)) {
      sortFilled();
    }
  }

  /** Hands over what was filled, as soon as the run before it has been taken in. */
  private void sortFilled() throws IOException {
    awaitSorted();
    Run full = filling;
    filling = sorting;
    sorting = full;
    Path file = TableFile.path(directory, family, files++);
    sorted =
        sorter.submit(
            () -> {
              takeIn(full, file);
              return null;
            });
  }

  private void takeIn(Run run, Path file) throws IOException, InterruptedException {
    try {
      try (TableFile table = new TableFile(file)) {
        run.writeTo(table);
        table.finish();
      } catch (RocksDBException e) {
        throw RocksFailures.checked("writing a table file", e);
      }
      store.awaitMerged(family, RocksOptions.LOADED_FILES);
      store.ingest(family, List.of(file));
      run.clear();
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void awaitSorted() throws IOException {
    try {
      sorted.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while rows of " + family + " were sorted");
    } catch (ExecutionException e) {
      Throwables.throwIfInstanceOf(e.getCause(), IOException.class);
      Throwables.throwIfUnchecked(e.getCause());
      throw new IOException("sorting rows of " + family + " failed", e);
    }
  }

  /** When this returns, all rows are in the store, and on disk. */
  public void finish() throws IOException {
    if (!filling.isEmpty()) {
      sortFilled();
    }
    awaitSorted();
  }

  /** Waits for the run that is being sorted; what was not finished is in the store in part. */
  @Override
  public void close() {
    sorter.shutdown();
    boolean interrupted = false;
    while (!sorter.isTerminated()) {
      try {
        sorter.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        // The store must not close under the thread; a run takes a moment.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
