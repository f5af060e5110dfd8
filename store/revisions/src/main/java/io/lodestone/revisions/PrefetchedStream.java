package io.lodestone.revisions;

import io.lodestone.revisions.StreamItem.End;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * A stream that is read ahead by a thread of its own, so that reading and decoding go on while the
 * consumer writes. Holds at most {@link #BATCHES} batches of about {@link #BATCH_BYTES}; the reader
 * waits when they are full. For sources that come to an end.
 */
public final class PrefetchedStream implements RevisionStream {
  private static final int BATCHES = 4;
  private static final int BATCH_ITEMS = 512;
  private static final long BATCH_BYTES = 256 << 10;

  private final RevisionStream stream;
  private final BlockingQueue<Batch> batches = new ArrayBlockingQueue<>(BATCHES);
  private final Thread reader;
  private Deque<StreamItem> current = new ArrayDeque<>();
  private boolean ended;

  /** Some items, or the reason why there are no more. */
  private record Batch(List<StreamItem> items, Optional<Exception> failure) {}

  private PrefetchedStream(RevisionStream stream) {
    this.stream = stream;
    this.reader = new Thread(this::read, "read-ahead");
    reader.setDaemon(true);
  }

  /** Owns {@code stream} from now on, and reads it. */
  public static PrefetchedStream of(RevisionStream stream) {
    PrefetchedStream prefetched = new PrefetchedStream(stream);
    prefetched.reader.start();
    return prefetched;
  }

  private void read() {
    try {
      boolean more = true;
      while (more) {
        List<StreamItem> items = readBatch();
        more = !(items.get(items.size() - 1) instanceof End);
        batches.put(new Batch(items, Optional.empty()));
      }
    } catch (InterruptedException e) {
      // Closed: nobody waits for more.
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  private List<StreamItem> readBatch() throws IOException, InterruptedException {
    List<StreamItem> items = new ArrayList<>();
    long bytes = 0;
    while (items.size() < BATCH_ITEMS && bytes < BATCH_BYTES) {
      StreamItem item = stream.next();
      items.add(item);
      if (item instanceof End) {
        break;
      }
      bytes += item instanceof RevisionRecord record ? record.value().size() : 0;
    }
    return items;
  }

  private void fail(Exception failure) {
    try {
      batches.put(new Batch(List.of(), Optional.of(failure)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    if (ended) {
      return Optional.of(new End());
    }
    if (current.isEmpty()) {
      current = new ArrayDeque<>(itemsOf(batches.take()));
    }
    StreamItem item = current.remove();
    ended = item instanceof End;
    return Optional.of(item);
  }

  private static List<StreamItem> itemsOf(Batch batch) throws IOException {
    if (batch.failure().isEmpty()) {
      return batch.items();
    }
    if (batch.failure().get() instanceof IOException failure) {
      throw failure;
    }
    throw (RuntimeException) batch.failure().get();
  }

  /** Stops the reader, waits for it, and closes the stream. */
  @Override
  public void close() throws IOException {
    reader.interrupt();
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    stream.close();
  }
}
