package io.lodestone.mvcc.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * One who watches. {@link #cancel} and {@link #resume} may be called from any thread; the rest is
 * confined to the watch thread.
 */
public final class Watcher {
  /** What a watcher is doing. */
  enum Phase {
    /** Has seen everything up to the hub's head and is told what comes. */
    SYNCED,
    /** Waits for its turn to read history. */
    WAITING,
    READING,
    /** Was offered more than its sink could take. */
    BLOCKED,
    GONE
  }

  private final WatchHub hub;
  private final WatchRequest request;
  private final WatchSink sink;

  /** Events of the hand-over that is being delivered. */
  final List<WatchEvent> gathered = new ArrayList<>();

  Phase phase = Phase.WAITING;

  /** The first revision it has not seen; while synced, the hub's head may be further. */
  long next;

  Watcher(WatchHub hub, WatchRequest request, WatchSink sink) {
    this.hub = hub;
    this.request = request;
    this.sink = sink;
  }

  WatchRequest request() {
    return request;
  }

  WatchSink sink() {
    return sink;
  }

  /** The sink has room again. */
  public void resume() {
    hub.resume(this);
  }

  /**
   * Ends it; events that are on their way may still come before {@code done}, and none after.
   *
   * @param done told the store's revision, on the watch thread, even where it had ended before
   */
  public void cancel(LongConsumer done) {
    hub.cancel(this, done);
  }
}
