package io.lodestone.mvcc.compaction;

import io.lodestone.mvcc.rocks.DiskFullException;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.RocksStore;
import io.lodestone.mvcc.rocks.RocksView;
import io.lodestone.mvcc.rocks.Rows;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.util.List;
import java.util.Map.Entry;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries accepted compactions out, one after another, on a thread of its own. Thread-safe.
 *
 * <p>The rows it removes are of no interest to anybody else, and only it removes rows; it therefore
 * writes beside the apply thread. What it has not finished when the process ends, it finishes after
 * the next start.
 */
public final class Compactor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);
  private static final long LOOK_FOR_ROOM_MILLIS = 1000;

  /** What to do; {@code remembered}: the hash will be asked for. */
  private record Task(AcceptedCompaction compaction, boolean remembered) {}

  private final RocksStore store;
  private final BetweenBatches betweenBatches;
  private final Runnable removed;
  private final Supplier<CompactionObserver> observer;
  private final int rowsInBatch;
  private final HashCache hashes = new HashCache();
  private final LinkedBlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
  private final ConcurrentSkipListMap<Long, CompletableFuture<Void>> waiting =
      new ConcurrentSkipListMap<>();
  private final Thread thread = new Thread(this::run, "compaction");
  private volatile long finished;
  private volatile Optional<Exception> failure = Optional.empty();
  private volatile boolean stopping;

  /**
   * Removes nothing before {@link #start}.
   *
   * @param removed is run after each compaction: whoever holds old rows may let go of them
   * @param observer who counts, at the time of the call
   */
  public Compactor(
      RocksStore store,
      BetweenBatches betweenBatches,
      Runnable removed,
      Supplier<CompactionObserver> observer) {
    this(store, betweenBatches, removed, observer, Removal.ROWS_IN_BATCH);
  }

  Compactor(
      RocksStore store,
      BetweenBatches betweenBatches,
      Runnable removed,
      Supplier<CompactionObserver> observer,
      int rowsInBatch) {
    this.store = store;
    this.removed = removed;
    this.observer = observer;
    this.betweenBatches = betweenBatches;
    this.rowsInBatch = rowsInBatch;
    this.finished = FinishedMark.read(store.latest());
  }

  /** Starts, first with what an earlier run has left. */
  public void start(long compactRevision) {
    if (compactRevision > finished) {
      tasks.add(new Task(new AcceptedCompaction(finished, compactRevision), false));
    }
    thread.start();
  }

  /** Carries it out when its turn comes. */
  public void accept(AcceptedCompaction compaction) {
    tasks.add(new Task(compaction, finished == compaction.before()));
  }

  /** Completes once all rows that a compaction at {@code revision} supersedes are gone. */
  public CompletableFuture<Void> whenDone(long revision) {
    CompletableFuture<Void> done =
        waiting.computeIfAbsent(revision, key -> new CompletableFuture<>());
    completeUpTo(finished);
    failure.ifPresent(done::completeExceptionally);
    return done;
  }

  /** Up to which revision superseded rows are gone; -1 for none. */
  public long finished() {
    return finished;
  }

  /** The hashes of the last compactions, the newest first. */
  public List<HashKv> remembered() {
    return hashes.all();
  }

  /** The hash that was remembered at the compaction at exactly {@code revision}. */
  public Optional<HashKv> remembered(long revision) {
    return hashes.at(revision);
  }

  /** HashKV over rows that do not change; see {@link StoredHash}. */
  public HashKv hash(Rows rows, long compact, long revision, long current) {
    return new StoredHash(rows, FinishedMark.read(rows), Liveness.LARGEST_SET)
        .asked(compact, revision, current);
  }

  private void run() {
    try {
      while (!stopping) {
        carryOut(tasks.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.atError().setCause(e).log("compaction stopped; it goes on after the next start");
      failure = Optional.of(e);
      waiting.values().forEach(done -> done.completeExceptionally(e));
    }
  }

  /** Begins anew where the disk was full: what is gone already is not missed. */
  private void carryOut(Task task) throws IOException, InterruptedException {
    boolean told = false;
    while (!stopping) {
      try {
        compact(task);
        return;
      } catch (DiskFullException e) {
        if (!told) {
          LOG.atWarn().setCause(e).log("compaction waits for room on the disk");
          told = true;
        }
        Thread.sleep(LOOK_FOR_ROOM_MILLIS);
      }
    }
  }

  private void compact(Task task) throws IOException, InterruptedException {
    long began = System.nanoTime();
    long revision = task.compaction.revision();
    Optional<HashKv> hash = task.remembered ? Optional.of(hash(task.compaction)) : Optional.empty();
    Removal removal = new Removal(store, finished, revision, rowsInBatch);
    while (stepObserved(removal)) {
      betweenBatches.rest();
      if (stopping) {
        return;
      }
    }
    Mutations mark = store.newMutations();
    FinishedMark.write(mark, revision);
    store.write(mark);
    hash.ifPresent(hashes::add);
    removed.run();
    finished = revision;
    long took = System.nanoTime() - began;
    observer.get().compacted(removal.removed(), took);
    completeUpTo(revision);
    LOG.atInfo()
        .addKeyValue("revision", revision)
        .addKeyValue("removedRows", removal.removed())
        .addKeyValue("tookMillis", took / 1_000_000)
        .log("compacted history");
  }

  private boolean stepObserved(Removal removal) throws IOException {
    long began = System.nanoTime();
    boolean more = removal.step();
    observer.get().compactedPart(System.nanoTime() - began);
    return more;
  }

  private HashKv hash(AcceptedCompaction compaction) {
    RocksView rows = store.view();
    try {
      return new StoredHash(rows, finished, Liveness.LARGEST_SET)
          .compacted(compaction.before(), compaction.revision());
    } finally {
      rows.release();
    }
  }

  private void completeUpTo(long revision) {
    Entry<Long, CompletableFuture<Void>> done = waiting.firstEntry();
    while (done != null && done.getKey() <= revision) {
      waiting.remove(done.getKey(), done.getValue());
      done.getValue().complete(null);
      done = waiting.firstEntry();
    }
  }

  /** Stops behind the batch that is being removed. */
  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What happens between two batches. */
  @FunctionalInterface
  public interface BetweenBatches {
    /** Lets waiting writes by. */
    void rest() throws InterruptedException;
  }
}
