package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * An open RocksDB in a directory that it holds alone. Thread-safe, except that nothing may be in
 * use any more when it is closed.
 *
 * <p>Writes fail with {@link DiskFullException} while the disk is full, and for up to some seconds
 * after it has room for a write buffer again; RocksDB looks for that itself.
 */
public final class RocksStore implements AutoCloseable {
  private static final long LOOK_AGAIN_MILLIS = 5;

  private final Natives natives;
  private final RocksDB db;
  private final Path directory;
  private final Map<Family, ColumnFamilyHandle> handles;
  private final WriteOptions synced;
  private final WriteOptions unsynced;
  private final WriteOptions unlogged;
  private final ReadOptions newest;
  private final Set<RocksView> views = ConcurrentHashMap.newKeySet();
  private final AtomicInteger cursors = new AtomicInteger();
  private final LongAdder loggedBytes = new LongAdder();
  private final StoreSize size = new StoreSize(this::measuredBytes);
  private boolean closed;

  private RocksStore(
      Natives natives, RocksDB db, Path directory, Map<Family, ColumnFamilyHandle> handles) {
    this.natives = natives;
    this.db = db;
    this.directory = directory;
    this.handles = handles;
    this.synced = natives.add(new WriteOptions()).setSync(true);
    this.unsynced = natives.add(new WriteOptions());
    this.unlogged = natives.add(new WriteOptions()).setDisableWAL(true);
    this.newest = natives.add(new ReadOptions());
  }

  /**
   * Opens the store in {@code directory}, which is made if it is absent. Fails with a hint where
   * another process holds it, and with different exceptions for damaged and for missing files.
   */
  public static RocksStore open(Path directory, RocksSettings settings) throws IOException {
    RocksLibrary.load();
    Natives natives = new Natives();
    try {
      natives.add(DirectoryLock.take(directory));
      RocksOptions options = new RocksOptions(natives, settings);
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db =
          natives.add(
              RocksOpening.open(directory, options.database(), options.families(), handles));
      handles.forEach(natives::add);
      return new RocksStore(natives, db, directory, byFamily(handles));
    } catch (IOException | RuntimeException e) {
      natives.close();
      throw e;
    }
  }

  /** The handles stand in the order of {@link RocksOptions#families}, the default's first. */
  private static Map<Family, ColumnFamilyHandle> byFamily(List<ColumnFamilyHandle> handles) {
    Map<Family, ColumnFamilyHandle> byFamily = new EnumMap<>(Family.class);
    Iterator<ColumnFamilyHandle> ours = handles.subList(1, handles.size()).iterator();
    for (Family family : Family.values()) {
      byFamily.put(family, ours.next());
    }
    return byFamily;
  }

  /** An empty batch for this store. */
  public Mutations newMutations() {
    Map<Family, Integer> ids = new EnumMap<>(Family.class);
    handles.forEach((family, handle) -> ids.put(family, handle.getID()));
    return new Mutations(ids);
  }

  /** When this returns, all of it is on disk. */
  public void writeDurably(Mutations mutations) throws IOException {
    write(mutations, synced);
    loggedBytes.add(mutations.sizeBytes());
  }

  /** Survives the end of the process, not of the machine. */
  public void write(Mutations mutations) throws IOException {
    write(mutations, unsynced);
    loggedBytes.add(mutations.sizeBytes());
  }

  /** When this returns, all that was written before is on disk. Writes go on meanwhile. */
  public void sync() throws IOException {
    try {
      db.syncWal();
    } catch (RocksDBException e) {
      throw RocksFailures.checked("syncing the log", e);
    }
  }

  /** Without the log: lost with the process until the next {@link #flush}. For bulk loads. */
  public void writeUnlogged(Mutations mutations) throws IOException {
    write(mutations, unlogged);
  }

  /** Begins to take rows that come in order; to be closed by the caller. */
  public SortedLoad sortedLoad(Family family) {
    return new SortedLoad(this, family, directory);
  }

  /**
   * Begins to take rows that come in any order; to be closed by the caller.
   *
   * @param runBytes of rows that are sorted at once; twice as much is taken
   */
  public UnsortedLoad unsortedLoad(Family family, int runBytes) {
    return new UnsortedLoad(this, family, directory, runBytes);
  }

  void ingest(Family family, List<Path> files) throws IOException {
    try (IngestExternalFileOptions options = new IngestExternalFileOptions().setMoveFiles(true)) {
      db.ingestExternalFile(handle(family), files.stream().map(Path::toString).toList(), options);
    } catch (RocksDBException e) {
      throw RocksFailures.checked("taking in " + files.size() + " table files", e);
    }
  }

  /**
   * Waits until fewer than {@code files} files of a family lie above each other, as merging makes
   * it; not where merging has failed.
   */
  void awaitMerged(Family family, int files) throws InterruptedException {
    try {
      while (Integer.parseInt(db.getProperty(handle(family), "rocksdb.num-files-at-level0"))
              >= files
          && db.getLongProperty("rocksdb.background-errors") == 0) {
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
      }
    } catch (RocksDBException e) {
      throw RocksFailures.unchecked("asking how much is merged", e);
    }
  }

  private void write(Mutations mutations, WriteOptions options) throws IOException {
    try (WriteBatch batch = new WriteBatch(mutations.encoded())) {
      db.write(options, batch);
    } catch (RocksDBException e) {
      throw RocksFailures.checked("writing " + mutations.sizeBytes() + " bytes", e);
    }
    size.grows(mutations.sizeBytes());
  }

  /** The rows as they are at each call. */
  public Rows latest() {
    return new Rows() {
      @Override
      public Optional<ByteString> get(Family family, ByteString key) {
        return RocksStore.this.get(family, newest, key);
      }

      @Override
      public Cursor from(Family family, ByteString from) {
        return cursor(family, from, ByteString.EMPTY, null);
      }

      @Override
      public Cursor between(Family family, ByteString from, ByteString to) {
        return cursor(family, from, to, null);
      }
    };
  }

  /** The rows as they are now; to be released by the caller. */
  public RocksView view() {
    RocksView view = new RocksView(this, db.getSnapshot());
    views.add(view);
    return view;
  }

  void forget(RocksView view, Snapshot snapshot) {
    db.releaseSnapshot(snapshot);
    views.remove(view);
  }

  Optional<ByteString> get(Family family, ReadOptions options, ByteString key) {
    try {
      byte[] value = db.get(handle(family), options, key.toByteArray());
      return value == null ? Optional.empty() : Optional.of(UnsafeByteOperations.unsafeWrap(value));
    } catch (RocksDBException e) {
      throw RocksFailures.unchecked("reading a row", e);
    }
  }

  /**
   * @param to empty for no bound
   * @param snapshot null for the newest rows
   */
  Cursor cursor(Family family, ByteString from, ByteString to, Snapshot snapshot) {
    Natives owned = new Natives();
    ReadOptions options = owned.add(new ReadOptions());
    if (snapshot != null) {
      options.setSnapshot(snapshot);
    }
    if (!to.isEmpty()) {
      options.setIterateUpperBound(owned.add(new Slice(to.toByteArray())));
    }
    RocksIterator iterator = owned.add(db.newIterator(handle(family), options));
    return new Cursor(iterator, owned, from, cursors);
  }

  private ColumnFamilyHandle handle(Family family) {
    return handles.get(family);
  }

  /**
   * Bytes of all table files, and of rows that are only in the log and in memory so far; as of a
   * moment ago. Quick enough for every write.
   */
  public long sizeBytes() {
    return size.bytes();
  }

  private long measuredBytes() {
    return property("rocksdb.total-sst-files-size") + bufferedBytes();
  }

  /** Of these, an estimate of what is neither deleted nor overwritten. */
  public long liveBytes() {
    return property("rocksdb.estimate-live-data-size") + bufferedBytes();
  }

  /** Bytes of all batches that went through the log since the store was opened. */
  public long loggedBytes() {
    return loggedBytes.sum();
  }

  private long bufferedBytes() {
    return property("rocksdb.cur-size-all-mem-tables");
  }

  private long property(String name) {
    try {
      long sum = 0;
      for (ColumnFamilyHandle handle : handles.values()) {
        sum += db.getLongProperty(handle, name);
      }
      return sum;
    } catch (RocksDBException e) {
      throw RocksFailures.unchecked("asking for " + name, e);
    }
  }

  /** When this returns, every row is in a table file, and a later open has no log to read. */
  public void flush() throws IOException {
    try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
      db.flush(options, List.copyOf(handles.values()));
    } catch (RocksDBException e) {
      throw RocksFailures.checked("flushing", e);
    }
  }

  /**
   * Copies everything as it is at some moment of the call into {@code into}, which must not exist:
   * a store of its own that can be opened. Table files are linked where the file system allows.
   */
  public void checkpoint(Path into) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.create(db)) {
      checkpoint.createCheckpoint(into.toString());
    } catch (RocksDBException e) {
      throw RocksFailures.checked("making a checkpoint in " + into, e);
    }
  }

  /** Rewrites all table files without what was deleted or overwritten. Long; stops nobody. */
  public void rewrite() throws IOException {
    try (CompactRangeOptions options =
        new CompactRangeOptions()
            .setBottommostLevelCompaction(
                CompactRangeOptions.BottommostLevelCompaction.kForceOptimized)
            .setExclusiveManualCompaction(false)) {
      for (ColumnFamilyHandle handle : handles.values()) {
        db.compactRange(handle, null, null, options);
      }
    } catch (RocksDBException e) {
      throw RocksFailures.checked("rewriting the table files", e);
    }
    size.forget();
  }

  /** Views and cursors that somebody still has open. */
  public int openReads() {
    return cursors.get() + views.stream().mapToInt(RocksView::references).sum();
  }

  /** Refuses, and stays open, while a view or a cursor is open. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (openReads() > 0) {
      throw new IllegalStateException(
          "the store cannot close: " + openReads() + " views and cursors of it are still open");
    }
    closed = true;
    natives.close();
  }
}
