package io.lodestone.mvcc.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.api.LeaseId;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One reader of a running engine. It goes from view to view: what a newer view has behind the last
 * complete revision is read from its rows, then the view is closed. Confined to its reader, but for
 * {@link #wake} and {@link #close}.
 */
final class EngineStream implements RevisionStream {
  /** What is not a change of a key (a lease, a compaction) wakes nobody and is found by looking. */
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Engine engine;
  private final Origin origin;
  private final Clock clock;
  private final Consumer<EngineStream> onClose;
  private final Semaphore changed = new Semaphore(0);

  /** Guards all that follows; held for one step of reading, never while waiting. */
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Deque<StreamItem> ready = new ArrayDeque<>();

  /** What comes once the piece has been told. */
  @GuardedBy("lock")
  private final Deque<StreamItem> behind = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Map<LeaseId, LeaseState> leases = new TreeMap<>();

  @GuardedBy("lock")
  private Optional<Piece> piece = Optional.empty();

  @GuardedBy("lock")
  private Optional<Reason> nextBase;

  @GuardedBy("lock")
  private long complete;

  @GuardedBy("lock")
  private Compaction compacted = Compaction.NEVER;

  @GuardedBy("lock")
  private long authRevision;

  @GuardedBy("lock")
  private long seenIndex = -1;

  @GuardedBy("lock")
  private boolean closed;

  /**
   * @param after -1 for a base first, for the reason given
   */
  EngineStream(
      Engine engine,
      Origin origin,
      Clock clock,
      long after,
      Reason reason,
      Consumer<EngineStream> onClose) {
    this.engine = engine;
    this.origin = origin;
    this.clock = clock;
    this.onClose = onClose;
    this.complete = after;
    this.nextBase = after < 0 ? Optional.of(reason) : Optional.empty();
    this.authRevision = engine.auth().view().revision();
  }

  /** A view that is being told. */
  private record Piece(EngineView view, RecordReader records) {
    void close() {
      records.close();
      view.close();
    }
  }

  void wake() {
    changed.release();
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws InterruptedException {
    long left = maxWait.toNanos();
    while (true) {
      Optional<StreamItem> item = nextReady();
      if (item.isPresent() || left <= 0) {
        return item;
      }
      long nap = Math.min(left, LOOK_EVERY_NANOS);
      if (changed.tryAcquire(nap, TimeUnit.NANOSECONDS)) {
        changed.drainPermits();
      }
      left -= nap;
    }
  }

  private Optional<StreamItem> nextReady() {
    synchronized (lock) {
      while (!closed) {
        if (ready.isEmpty()) {
          readMore();
        }
        if (!ready.isEmpty()) {
          return Optional.of(ready.remove());
        }
        if (piece.isEmpty() && !look()) {
          return Optional.empty();
        }
      }
      return Optional.of(new End());
    }
  }

  @GuardedBy("lock")
  private void readMore() {
    if (piece.isPresent()) {
      Optional<StreamItem> record = piece.get().records().next();
      record.ifPresent(ready::add);
      if (record.isEmpty()) {
        letGo();
        ready.addAll(behind);
        behind.clear();
      }
    }
  }

  @GuardedBy("lock")
  private void letGo() {
    piece.ifPresent(Piece::close);
    piece = Optional.empty();
  }

  /** Takes the newest view; false where it says nothing new. */
  @GuardedBy("lock")
  private boolean look() {
    EngineView view = engine.view();
    if (view.appliedIndex() == seenIndex && nextBase.isEmpty()) {
      view.close();
      return false;
    }
    seenIndex = view.appliedIndex();
    Instant at = clock.instant();
    Optional<Reason> reason = nextBase.or(() -> reasonForBase(view));
    if (reason.isPresent()) {
      beginBase(view, reason.get(), at);
    } else {
      follow(view, at);
    }
    return true;
  }

  @GuardedBy("lock")
  private Optional<Reason> reasonForBase(EngineView view) {
    if (view.compactRevision() > complete) {
      return Optional.of(Reason.COMPACTED);
    }
    return engine.auth().view().revision() == authRevision
        ? Optional.empty()
        : Optional.of(Reason.AUTH_CHANGED);
  }

  @GuardedBy("lock")
  private void beginBase(EngineView view, Reason reason, Instant at) {
    nextBase = Optional.empty();
    authRevision = engine.auth().view().revision();
    ready.addAll(BaseItems.of(new BaseStart(origin, at, reason), view.stored()));
    leases.clear();
    leases.putAll(leasesOf(view));
    compacted = BaseItems.compaction(view.stored());
    complete = view.revision();
    piece = Optional.of(new Piece(view, RecordReader.base(view.stored(), complete, at)));
  }

  /** Leases that are new stand before the records that use them, leases that are gone behind. */
  @GuardedBy("lock")
  private void follow(EngineView view, Instant at) {
    Map<LeaseId, LeaseState> now = leasesOf(view);
    for (LeaseState lease : now.values()) {
      if (!lease.equals(leases.get(lease.id()))) {
        ready.add(lease);
      }
    }
    for (LeaseId id : leases.keySet()) {
      if (!now.containsKey(id)) {
        behind.add(new LeaseGone(id));
      }
    }
    leases.clear();
    leases.putAll(now);
    if (view.compactRevision() > compacted.scheduled()) {
      compacted = new Compaction(view.compactRevision(), compacted.finished());
      behind.add(compacted);
    }
    RecordReader records = RecordReader.tail(view.stored(), complete, view.revision(), at);
    complete = view.revision();
    piece = Optional.of(new Piece(view, records));
  }

  private static Map<LeaseId, LeaseState> leasesOf(EngineView view) {
    Map<LeaseId, LeaseState> leases = new TreeMap<>();
    BaseItems.leases(view.stored()).forEach(lease -> leases.put(lease.id(), lease));
    return leases;
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (!closed) {
        closed = true;
        letGo();
        onClose.accept(this);
      }
    }
    wake();
  }
}
