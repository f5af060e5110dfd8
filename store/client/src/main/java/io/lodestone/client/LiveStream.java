package io.lodestone.client;

import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.scratch.ScratchDirectory;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The reader's end of a stream of a living cluster: takes from the spool, reads bases from their
 * files, and drops what a base already contained. Confined to the reader's thread; {@link #close}
 * may come from any.
 */
final class LiveStream implements RevisionStream {
  private static final long STOP_MILLIS = TimeUnit.SECONDS.toMillis(5);

  private final ScratchDirectory directory;
  private final Spool spool;
  private final SnapshotDecoder decoder;
  private final TailReader tail;
  private final SideWatch side;
  private final List<Thread> threads;

  private volatile BaseDelivery base;
  private volatile boolean closed;
  private boolean awaitingBase;
  private Complete last;
  private Compaction compaction = Compaction.NEVER;

  /**
   * @param directory closed with the stream
   * @param position the revision behind which the stream goes on, 0 if it begins with a base
   */
  LiveStream(
      ScratchDirectory directory,
      Spool spool,
      SnapshotDecoder decoder,
      TailReader tail,
      SideWatch side,
      String name,
      long position) {
    this.directory = directory;
    this.spool = spool;
    this.decoder = decoder;
    this.tail = tail;
    this.side = side;
    this.last = new Complete(position, Instant.MIN);
    this.threads = List.of(new Thread(tail, name + "-tail"), new Thread(side, name + "-side"));
  }

  void start() {
    for (Thread thread : threads) {
      thread.setDaemon(true);
      thread.start();
    }
  }

  @Override
  public long waitingBytes() {
    return spool.diskBytes();
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    try {
      Optional<StreamItem> item = take(System.nanoTime() + maxWait.toNanos());
      return closed ? Optional.of(new End()) : item;
    } catch (IOException | RuntimeException e) {
      if (closed) {
        return Optional.of(new End()); // the files were closed under the reader, as it asked for
      }
      throw e;
    }
  }

  private Optional<StreamItem> take(long deadline) throws IOException, InterruptedException {
    if (base != null && base.end().isPresent()) {
      // Only now: its file may be large, and whoever took the base has made it count meanwhile.
      base.close();
      base = null;
    }
    while (!closed) {
      Duration patience = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      if (base != null) {
        Optional<StreamItem> item = base.poll(patience);
        if (item.isPresent() || !base.isAbandoned()) {
          base.end().ifPresent(this::finishBase);
          return item;
        }
        base = null;
        awaitingBase = true;
        continue;
      }
      Optional<Spooled> entry = spool.poll(patience);
      if (entry.isEmpty()) {
        return Optional.empty();
      }
      Optional<StreamItem> kept = keep(entry.get());
      if (kept.isPresent()) {
        return kept;
      }
    }
    return Optional.empty();
  }

  private void finishBase(Complete end) {
    last = end;
    compaction = base.compaction();
    side.followLeases(base.epoch(), base.leases());
  }

  private Optional<StreamItem> keep(Spooled entry) {
    if (entry instanceof Spooled.Base begun) {
      awaitingBase = false;
      base = new BaseDelivery(begun.base(), decoder);
      return Optional.empty();
    }
    StreamItem item = ((Spooled.Item) entry).item();
    return awaitingBase ? Optional.empty() : keep(item);
  }

  private Optional<StreamItem> keep(StreamItem item) {
    if (item instanceof RevisionRecord row && row.main() <= last.revision()) {
      return Optional.empty();
    }
    if (item instanceof Complete mark) {
      return keep(mark);
    }
    if (item instanceof Compaction told) {
      return keep(told);
    }
    return Optional.of(item);
  }

  private Optional<StreamItem> keep(Complete mark) {
    boolean older =
        mark.revision() < last.revision()
            || (mark.revision() == last.revision() && !mark.at().isAfter(last.at()));
    if (older) {
      return Optional.empty();
    }
    last = mark;
    return Optional.of(mark);
  }

  private Optional<StreamItem> keep(Compaction told) {
    if (told.scheduled() <= compaction.scheduled()) {
      return Optional.empty();
    }
    compaction = new Compaction(told.scheduled(), compaction.finished());
    return Optional.of(compaction);
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    tail.stop();
    side.stop();
    spool.end();
    threads.forEach(Thread::interrupt);
    threads.forEach(LiveStream::await);
    BaseDelivery open = base;
    try (directory;
        spool) {
      if (open != null) {
        open.close();
      }
    }
  }

  private static void await(Thread thread) {
    try {
      thread.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
