package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * What one watcher gets of one reading of history: up to a thousand revisions, or as many bytes as
 * it is allowed and the rest of a revision. Confined to the history thread, then handed to the
 * watch thread.
 */
final class HistoryPiece {
  private static final int MAX_REVISIONS = 1000;

  private final Watcher watcher;
  private final long from;
  private final long maxBytes;
  private final List<ByteString> events = new ArrayList<>();
  private long bytes;
  private int revisions;
  private long lastRevision;
  private boolean full;
  private long readTo;

  /** Wants revisions from {@code from} on. */
  HistoryPiece(Watcher watcher, long from, long maxBytes) {
    this.watcher = watcher;
    this.maxBytes = maxBytes;
    this.from = from;
  }

  Watcher watcher() {
    return watcher;
  }

  long from() {
    return from;
  }

  boolean isFull() {
    return full;
  }

  /** Events come in order; what does not fit is left for the next reading. */
  void add(WatchEvent event) {
    if (full || event.revision() < from) {
      return;
    }
    if (event.revision() > lastRevision) {
      if (revisions == MAX_REVISIONS || bytes >= maxBytes) {
        full = true;
        readTo = event.revision() - 1;
        return;
      }
      revisions++;
      lastRevision = event.revision();
    }
    ByteString encoded = event.encoded(watcher.request().previous());
    events.add(encoded);
    bytes += encoded.size();
  }

  /** Nothing more will be read; {@code revision} has been, as far as there was room. */
  void endAt(long revision) {
    if (!full) {
      readTo = Math.max(revision, from - 1);
    }
  }

  /** The last revision that need not be read again. */
  long readTo() {
    return readTo;
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  EventBatch batch(long headRevision) {
    return EventBatch.of(headRevision, events);
  }
}
