package io.lodestone.mvcc.watch;

/** Where one watcher's news goes. Called on the watch thread, which must not be kept waiting. */
public interface WatchSink {
  /**
   * The watcher exists; the first call.
   *
   * @param revision the store's; a watcher without a start revision sees what comes after it
   */
  void created(long revision);

  /**
   * Events of whole revisions, behind all that came before. Returns false where there is no room:
   * then nothing was taken, the same events are offered again after {@link Watcher#resume}, which
   * the sink has to call once it has room.
   */
  boolean offer(EventBatch events);

  /** History at the watcher's position is gone; the last call. */
  void compacted(long compactRevision);

  /** History cannot be read; the last call. */
  void failed(Exception cause);
}
