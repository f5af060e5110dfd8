package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * What one watcher is told at once, cut into batches of whole revisions: of 64 KiB and the rest of
 * a revision, so that what a client does not take stays small. Confined to one thread.
 */
final class Portions {
  static final long MAX_BYTES = 64 << 10;

  private final List<WatchEvent> events;
  private final boolean previous;
  private int from;

  /** Of {@code events}, in order; with the previous state of keys or without. */
  Portions(List<WatchEvent> events, boolean previous) {
    this.events = List.copyOf(events);
    this.previous = previous;
  }

  boolean isEmpty() {
    return from == events.size();
  }

  /** Where the next portion begins; not where this is empty. */
  long nextRevision() {
    return events.get(from).revision();
  }

  /** The next portion; {@code headRevision} is the store's. */
  EventBatch take(long headRevision) {
    List<ByteString> portion = new ArrayList<>();
    long bytes = 0;
    long last = nextRevision();
    while (!isEmpty() && (bytes < MAX_BYTES || nextRevision() == last)) {
      last = nextRevision();
      ByteString event = events.get(from++).encoded(previous);
      portion.add(event);
      bytes += event.size();
    }
    return EventBatch.of(headRevision, portion);
  }
}
