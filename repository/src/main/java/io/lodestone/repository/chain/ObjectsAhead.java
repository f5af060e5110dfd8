package io.lodestone.repository.chain;

import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.format.PartHeader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Reads what comes next in a log while what was asked for is made use of: so many objects at a
 * time, each on a thread of its own, which also compares it with its hash. What was read ahead and
 * then is not asked for, since entries were merged meanwhile, is forgotten. Confined to one reader.
 */
public final class ObjectsAhead implements AutoCloseable {
  private final EntryLog log;
  private final int count;
  private final ExecutorService executor;
  private final Deque<Reading> entries = new ArrayDeque<>();

  private record Reading(long seq, Future<OpenedObject<EntryHeader>> object) {}

  /**
   * @param count objects under way at a time, above 0; each is held in memory
   */
  public ObjectsAhead(EntryLog log, int count) {
    this.log = log;
    this.count = count;
    this.executor =
        Executors.newFixedThreadPool(
            count,
            work -> {
              Thread thread = new Thread(work, "repository-ahead");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Entry {@code seq}, or what stands for it, and begins to read those behind it.
   *
   * @param last the last one that will be asked for
   */
  public OpenedObject<EntryHeader> entry(long seq, long last) throws IOException {
    while (!entries.isEmpty() && entries.peek().seq < seq) {
      entries.remove().object.cancel(false);
    }
    if (!entries.isEmpty() && entries.peek().seq != seq) {
      forgetEntries();
    }
    long next = entries.isEmpty() ? seq : behind(entries.peekLast().seq);
    while (entries.size() < count && next <= last) {
      long reading = next;
      entries.add(new Reading(reading, executor.submit(() -> log.read(reading))));
      next = behind(reading);
    }
    return result(entries.remove().object);
  }

  private long behind(long seq) throws IOException {
    return log.spanOver(seq).map(SpanName::lastSeq).orElse(seq) + 1;
  }

  /** What was read ahead is no longer of use, as after a failure. */
  public void forgetEntries() {
    entries.forEach(reading -> reading.object.cancel(false));
    entries.clear();
  }

  /** Work on a thread of this. */
  public <T> Future<T> submit(Callable<T> work) {
    return executor.submit(work);
  }

  /** The parts of one entry, in order. */
  Parts parts(List<PartFacts> parts) {
    return new Parts(parts);
  }

  /** Parts that are read ahead. Confined to the reader. */
  final class Parts {
    private final Deque<PartFacts> waiting;
    private final Deque<Future<OpenedObject<PartHeader>>> underWay = new ArrayDeque<>();

    private Parts(List<PartFacts> parts) {
      this.waiting = new ArrayDeque<>(parts);
    }

    boolean hasNext() {
      return !waiting.isEmpty() || !underWay.isEmpty();
    }

    OpenedObject<PartHeader> next() throws IOException {
      while (underWay.size() < count && !waiting.isEmpty()) {
        PartFacts part = waiting.remove();
        underWay.add(executor.submit(() -> log.read(part)));
      }
      return result(underWay.remove());
    }

    void forget() {
      new ArrayList<>(underWay).forEach(reading -> reading.cancel(false));
      underWay.clear();
    }
  }

  /** What work on another thread came to; its failure is thrown as it was. */
  public static <T> T result(Future<T> work) throws IOException {
    try {
      return work.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException stopped = new InterruptedIOException("stopped while reading ahead");
      stopped.initCause(e);
      throw stopped;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof IOException failure) {
        throw new IOException(failure.getMessage(), failure);
      }
      throw new IllegalStateException("reading ahead failed", e.getCause());
    }
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
