package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import io.lodestone.mvcc.ChangeListener;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.log.Change;
import io.lodestone.mvcc.watch.Watcher.Phase;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells watchers what changes, live from the apply thread's hand-over or, where they begin in the
 * past or could not keep up, from history. Public methods are thread-safe and never block; the rest
 * is confined to the watch thread.
 *
 * <p>Memory is bounded by the number of watchers, 64 MiB of changes that wait for the watch thread,
 * and what one reading of history holds: what does not fit is not kept, and all synced watchers
 * read it from history. An event is encoded once for all watchers that are told it together.
 */
public final class WatchHub implements ChangeListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WatchHub.class);
  private static final long MAX_HANDED_OVER_BYTES = 64 << 20;
  private static final int GROUP_SIZE = 512;

  /** Shared by all watchers, since any of them may leave unread what it is sent. */
  private static final long PIECES_BYTES = 8 << 20;

  /** Watchers further apart do not read history together: the later would wait for the earlier. */
  private static final long GROUP_REVISIONS = 10_000;

  private final Supplier<EngineView> views;
  private final WatchInbox inbox;
  private final WatcherIndex synced = new WatcherIndex();
  private final Set<Watcher> waiting = new LinkedHashSet<>();
  private final List<Watcher> touched = new ArrayList<>();
  private final HistoryThread history = new HistoryThread();
  private final AtomicLong watchers = new AtomicLong();
  private boolean reading;
  private long head;

  /**
   * Must be made, and added to the engine's listeners, before the engine applies anything.
   *
   * @param views of the engine, as they are now
   */
  public WatchHub(Supplier<EngineView> views) {
    this(views, MAX_HANDED_OVER_BYTES);
  }

  WatchHub(Supplier<EngineView> views, long maxHandedOverBytes) {
    this.views = views;
    this.inbox =
        new WatchInbox(maxHandedOverBytes, () -> watchers.get() > 0, this::deliver, this::overrun);
    try (EngineView view = views.get()) {
      head = view.revision();
    }
  }

  public void start() {
    history.start();
    inbox.start();
  }

  @Override
  public void changed(long revision, List<Change> changes) {
    inbox.handOver(revision, changes);
  }

  /** The sink hears of its creation before anything else. The range must not be empty. */
  public Watcher watch(WatchRequest request, WatchSink sink) {
    Watcher watcher = new Watcher(this, request, sink);
    watchers.incrementAndGet();
    inbox.post(() -> register(watcher));
    return watcher;
  }

  /**
   * Tells the store's revision once, if all the watchers have seen everything up to it; otherwise
   * nothing.
   *
   * @param whenSynced called on the watch thread, behind the events of that revision
   */
  public void progress(Collection<Watcher> watchers, LongConsumer whenSynced) {
    List<Watcher> asked = List.copyOf(watchers);
    inbox.post(
        () -> {
          if (!asked.isEmpty() && asked.stream().allMatch(this::isUpToDate)) {
            whenSynced.accept(head);
          }
        });
  }

  /**
   * Tells the store's revision in its turn: behind the creations, cancellations and progress asked
   * for before.
   */
  public void revision(LongConsumer told) {
    inbox.post(() -> told.accept(head));
  }

  /** How many watchers there are. */
  public long watchers() {
    return watchers.get();
  }

  /** How many of them have not seen everything. */
  public long slowWatchers() {
    return Math.max(0, watchers.get() - synced.size());
  }

  private boolean isUpToDate(Watcher watcher) {
    return watcher.phase == Phase.SYNCED
        && watcher.next <= head + 1
        && watcher.request().startRevision() <= head;
  }

  void resume(Watcher watcher) {
    inbox.post(
        () -> {
          if (watcher.phase == Phase.BLOCKED) {
            place(watcher);
            readHistory();
          }
        });
  }

  void cancel(Watcher watcher, LongConsumer done) {
    inbox.post(
        () -> {
          forget(watcher);
          done.accept(head);
        });
  }

  private void forget(Watcher watcher) {
    if (watcher.phase != Phase.GONE) {
      watchers.decrementAndGet();
    }
    switch (watcher.phase) {
      case SYNCED -> synced.remove(watcher);
      case WAITING -> waiting.remove(watcher);
      case READING, BLOCKED, GONE -> {
        // In no collection.
      }
    }
    watcher.phase = Phase.GONE;
  }

  private void register(Watcher watcher) {
    long start = watcher.request().startRevision();
    watcher.next = start <= 0 ? head + 1 : start;
    watcher.sink().created(head);
    place(watcher);
    readHistory();
  }

  /** Where its position says it belongs. */
  private void place(Watcher watcher) {
    if (watcher.next > head) {
      watcher.phase = Phase.SYNCED;
      synced.add(watcher);
    } else {
      watcher.phase = Phase.WAITING;
      waiting.add(watcher);
    }
  }

  /** False where the sink has no room; one that fails is not asked again. */
  private boolean offer(Watcher watcher, EventBatch events) {
    try {
      return watcher.sink().offer(events);
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("a watcher could not be told and has ended");
      forget(watcher);
      return true;
    }
  }

  private void deliver(long revision, List<Change> changes) {
    if (!synced.isEmpty()) {
      for (int i = 0; i < changes.size(); i++) {
        gather(changes, i);
      }
      touched.forEach(watcher -> offerGathered(watcher, revision));
      touched.clear();
    }
    head = revision;
  }

  private void gather(List<Change> changes, int at) {
    RevisionRecord record = changes.get(at).record();
    WatchEvent event = new WatchEvent(record, () -> before(changes, at));
    synced.forEachOn(
        record.key(),
        watcher -> {
          if (record.main() >= watcher.next && watcher.request().wants(record)) {
            if (watcher.gathered.isEmpty()) {
              touched.add(watcher);
            }
            watcher.gathered.add(event);
          }
        });
  }

  /** As the key was one revision before: what it became earlier in its revision does not count. */
  private static Optional<ByteString> before(List<Change> changes, int at) {
    RevisionRecord record = changes.get(at).record();
    Optional<RevisionRecord> previous = changes.get(at).previous();
    for (int i = at - 1; previous.isPresent() && previous.get().main() == record.main(); i--) {
      if (changes.get(i).record().equals(previous.get())) {
        previous = changes.get(i).previous();
      }
    }
    return previous.map(RevisionRecord::value);
  }

  private void offerGathered(Watcher watcher, long revision) {
    Portions portions = new Portions(watcher.gathered, watcher.request().previous());
    watcher.gathered.clear();
    while (watcher.phase == Phase.SYNCED && !portions.isEmpty()) {
      long first = portions.nextRevision();
      if (!offer(watcher, portions.take(revision))) {
        synced.remove(watcher);
        watcher.next = first;
        watcher.phase = Phase.BLOCKED;
      }
    }
  }

  /** Changes up to {@code revision} were not kept: whoever was synced reads them from history. */
  private void overrun(long revision) {
    long unseen = head + 1;
    head = revision;
    LOG.atWarn()
        .addKeyValue("from", unseen)
        .addKeyValue("to", revision)
        .log("watchers cannot keep up with changes and read them from history");
    for (Watcher watcher : synced.drain()) {
      watcher.next = Math.max(watcher.next, unseen);
      place(watcher);
    }
    readHistory();
  }

  private void readHistory() {
    if (reading || waiting.isEmpty()) {
      return;
    }
    Map<Watcher, Long> positions = nextGroup();
    long pieceBytes = Math.max(Portions.MAX_BYTES, PIECES_BYTES / Math.max(1, watchers.get()));
    reading = true;
    history.execute(
        () -> {
          try (EngineView view = views.get()) {
            HistoryReading.Result result = new HistoryReading(view, pieceBytes).read(positions);
            inbox.post(() -> settle(result));
          } catch (IOException | RuntimeException e) {
            inbox.post(() -> fail(positions.keySet(), e));
          }
        });
  }

  /** Who waits longest, and others near it. */
  private Map<Watcher, Long> nextGroup() {
    Map<Watcher, Long> positions = new HashMap<>();
    long first = waiting.iterator().next().next;
    Iterator<Watcher> all = waiting.iterator();
    while (all.hasNext() && positions.size() < GROUP_SIZE) {
      Watcher watcher = all.next();
      if (Math.abs(watcher.next - first) <= GROUP_REVISIONS) {
        all.remove();
        watcher.phase = Phase.READING;
        positions.put(watcher, watcher.next);
      }
    }
    return positions;
  }

  private void settle(HistoryReading.Result result) {
    reading = false;
    result.compacted().stream()
        .filter(watcher -> watcher.phase != Phase.GONE)
        .forEach(watcher -> end(watcher, result.compactRevision()));
    result.pieces().stream()
        .filter(piece -> piece.watcher().phase != Phase.GONE)
        .forEach(piece -> take(piece, result.head()));
    readHistory();
  }

  private void end(Watcher watcher, long compactRevision) {
    forget(watcher);
    watcher.sink().compacted(compactRevision);
  }

  private void take(HistoryPiece piece, long storeRevision) {
    Watcher watcher = piece.watcher();
    if (!piece.isEmpty() && !offer(watcher, piece.batch(storeRevision))) {
      watcher.phase = Phase.BLOCKED;
    } else if (watcher.phase != Phase.GONE) {
      watcher.next = piece.readTo() + 1;
      place(watcher);
    }
  }

  private void fail(Collection<Watcher> watchers, Exception cause) {
    reading = false;
    LOG.atError().setCause(cause).log("history cannot be read; its watchers end");
    for (Watcher watcher : watchers) {
      if (watcher.phase != Phase.GONE) {
        forget(watcher);
        watcher.sink().failed(cause);
      }
    }
    readHistory();
  }

  /** Nobody is told any more. To be closed before the engine. */
  @Override
  public void close() {
    history.close();
    inbox.close();
  }
}
