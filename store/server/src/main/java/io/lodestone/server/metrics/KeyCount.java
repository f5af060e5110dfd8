package io.lodestone.server.metrics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.mvcc.ChangeListener;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.log.Change;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * How many keys live. They are counted once, in the background, when somebody asks for the first
 * time, so that a start does not read the whole store; from then on, changes are added up.
 * Thread-safe.
 */
final class KeyCount implements ChangeListener {
  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);
  private static final RangeRequest ALL =
      RangeRequest.newBuilder().setKey(ZERO).setRangeEnd(ZERO).setCountOnly(true).build();

  private final Supplier<EngineView> views;
  private final Executor background;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final Object lock = new Object();

  /** Up to which revision {@link #change} is complete. */
  @GuardedBy("lock")
  private long head;

  /** Since the start. */
  @GuardedBy("lock")
  private long change;

  /** How many keys lived at the start; empty before they are counted. */
  @GuardedBy("lock")
  private OptionalLong first = OptionalLong.empty();

  KeyCount(Supplier<EngineView> views, Executor background) {
    this.views = views;
    this.background = background;
    try (EngineView view = views.get()) {
      head = view.revision();
    }
  }

  /** NaN while they are being counted. */
  double value() {
    synchronized (lock) {
      if (first.isPresent()) {
        return first.getAsLong() + change;
      }
    }
    if (!asked.getAndSet(true)) {
      try {
        background.execute(this::count);
      } catch (RejectedExecutionException e) {
        // Everybody is busy; who asks next starts it.
        asked.set(false);
      }
    }
    return Double.NaN;
  }

  private void count() {
    try {
      Start start = start();
      try (EngineView view = start.view) {
        long keys = view.range(ALL).getCount();
        synchronized (lock) {
          first = OptionalLong.of(keys - start.change);
        }
      }
    } catch (InterruptedException e) {
      // The server stops.
      Thread.currentThread().interrupt();
    }
  }

  /** A view, and the changes that it has seen of those since the start. */
  private record Start(EngineView view, long change) {}

  /** A view is visible a moment before its changes are told. */
  private Start start() throws InterruptedException {
    synchronized (lock) {
      while (true) {
        EngineView view = views.get();
        if (view.revision() == head) {
          return new Start(view, change);
        }
        view.close();
        lock.wait();
      }
    }
  }

  @Override
  public void changed(long revision, List<Change> changes) {
    long sum = 0;
    for (Change made : changes) {
      boolean lived = made.previous().isPresent();
      boolean lives = !made.record().tombstone();
      sum += (lives ? 1 : 0) - (lived ? 1 : 0);
    }
    synchronized (lock) {
      change += sum;
      head = revision;
      lock.notifyAll();
    }
  }
}
