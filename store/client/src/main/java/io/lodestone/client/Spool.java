package io.lodestone.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The queue between the thread that watches a cluster, which must never wait, and the reader of the
 * stream, which may. What does not fit in memory goes to disk, in order. Items become readable in
 * groups: {@link #publish} shows what was appended, {@link #rollback} takes it back, so the reader
 * never meets part of a revision.
 *
 * <p>One thread appends, one polls; {@link #fail} and {@link #end} may come from any.
 */
final class Spool implements AutoCloseable {
  private static final long ENTRY_OVERHEAD = 96;

  private final long memoryLimit;
  private final DiskSpool disk;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Deque<Spooled> memory = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Deque<PendingBase> basesOnDisk = new ArrayDeque<>();

  @GuardedBy("lock")
  private long memoryBytes;

  /** How many entries at the end of {@link #memory} are not yet published. */
  @GuardedBy("lock")
  private int unpublished;

  /** Counts of items; while any is on disk, new ones go there as well, to keep the order. */
  @GuardedBy("lock")
  private long onDiskAppended;

  @GuardedBy("lock")
  private long onDiskPublished;

  @GuardedBy("lock")
  private long onDiskRead;

  @GuardedBy("lock")
  private Optional<RuntimeException> failure = Optional.empty();

  @GuardedBy("lock")
  private boolean ended;

  Spool(Path directory, long memoryLimit, long diskLimit) {
    this.memoryLimit = memoryLimit;
    this.disk = new DiskSpool(directory, diskLimit);
  }

  /** Adds an item, invisible until {@link #publish}. Fails when the disk limit is reached. */
  void append(StreamItem item) throws IOException {
    if (!fitsInMemory(new Spooled.Item(item))) {
      disk.append(SpoolFrame.encode(item));
    }
  }

  /** Adds the place of a base, and publishes it. */
  void appendBase(PendingBase base) throws IOException {
    if (!fitsInMemory(new Spooled.Base(base))) {
      disk.append(SpoolFrame.baseMark());
      synchronized (lock) {
        basesOnDisk.addLast(base);
      }
    }
    publish();
  }

  private boolean fitsInMemory(Spooled entry) {
    long size = sizeOf(entry);
    synchronized (lock) {
      boolean spilling = onDiskAppended > onDiskRead;
      if (spilling || memoryBytes + size > memoryLimit) {
        onDiskAppended++;
        return false;
      }
      memory.addLast(entry);
      memoryBytes += size;
      unpublished++;
      return true;
    }
  }

  void publish() throws IOException {
    disk.publish();
    synchronized (lock) {
      unpublished = 0;
      onDiskPublished = onDiskAppended;
      lock.notifyAll();
    }
  }

  void rollback() throws IOException {
    disk.rollback();
    synchronized (lock) {
      for (; unpublished > 0; unpublished--) {
        memoryBytes -= sizeOf(memory.removeLast());
      }
      onDiskAppended = onDiskPublished;
    }
  }

  /** The reader gets everything published so far, then this. Later failures are ignored. */
  void fail(RuntimeException cause) {
    synchronized (lock) {
      failure = failure.or(() -> Optional.of(cause));
      lock.notifyAll();
    }
  }

  /** Whoever waits, and whoever polls from now on, gets nothing. */
  void end() {
    synchronized (lock) {
      ended = true;
      lock.notifyAll();
    }
  }

  /** Bytes of changes that wait on disk, for tests and metrics. */
  long diskBytes() {
    return disk.bytes();
  }

  /** The next published entry; empty if none came within {@code maxWait} or after {@link #end}. */
  Optional<Spooled> poll(Duration maxWait) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + maxWait.toNanos();
    synchronized (lock) {
      while (!ended && !readable()) {
        failure.ifPresent(
            cause -> {
              throw cause;
            });
        long remaining = deadline - System.nanoTime();
        if (remaining <= 0) {
          return Optional.empty();
        }
        lock.wait(remaining / 1_000_000, (int) (remaining % 1_000_000));
      }
      if (ended) {
        return Optional.empty();
      }
      if (memory.size() > unpublished) {
        Spooled first = memory.removeFirst();
        memoryBytes -= sizeOf(first);
        return Optional.of(first);
      }
    }
    return Optional.of(readFromDisk());
  }

  private Spooled readFromDisk() throws IOException {
    ByteBuffer body = disk.read();
    boolean base = SpoolFrame.isBaseMark(body);
    Spooled entry = base ? takeBase() : new Spooled.Item(SpoolFrame.decode(body));
    synchronized (lock) {
      onDiskRead++;
    }
    return entry;
  }

  private Spooled takeBase() {
    synchronized (lock) {
      return new Spooled.Base(basesOnDisk.removeFirst());
    }
  }

  @GuardedBy("lock")
  private boolean readable() {
    return memory.size() > unpublished || onDiskPublished > onDiskRead;
  }

  private static long sizeOf(Spooled entry) {
    if (entry instanceof Spooled.Item waiting && waiting.item() instanceof RevisionRecord row) {
      return ENTRY_OVERHEAD + row.value().size();
    }
    return ENTRY_OVERHEAD;
  }

  @Override
  public void close() throws IOException {
    end();
    disk.close();
  }
}
