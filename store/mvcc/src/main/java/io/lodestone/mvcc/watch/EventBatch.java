package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Events for one watcher, each an encoded {@code mvccpb.Event} that other watchers may share.
 * Immutable.
 *
 * @param revision what the response's header says: the store's when the batch was made, not below
 *     any event's
 * @param sizeBytes of the events within an encoded {@code WatchResponse}, tags and lengths included
 */
public record EventBatch(long revision, List<ByteString> events, long sizeBytes) {
  private static final int FRAGMENT_FLAG_BYTES = 2;

  public EventBatch {
    events = List.copyOf(events);
  }

  public static EventBatch of(long revision, List<ByteString> events) {
    return new EventBatch(
        revision, events, events.stream().mapToLong(EventBatch::sizeWithinResponse).sum());
  }

  private static long sizeWithinResponse(ByteString event) {
    return 1L + CodedOutputStream.computeUInt32SizeNoTag(event.size()) + event.size();
  }

  /**
   * Pieces of less than {@code maxBytes} each, except where a single event is larger; one piece
   * where the whole fits. Every piece but the last is to be marked as a fragment.
   *
   * @param otherBytes of a response without its events
   */
  public List<EventBatch> pieces(long otherBytes, long maxBytes) {
    if (otherBytes + sizeBytes < maxBytes || events.size() < 2) {
      return List.of(this);
    }
    List<EventBatch> pieces = new ArrayList<>();
    int from = 0;
    while (from < events.size()) {
      int to = from;
      long size = otherBytes + FRAGMENT_FLAG_BYTES;
      while (to < events.size()
          && (to == from || size + sizeWithinResponse(events.get(to)) < maxBytes)) {
        size += sizeWithinResponse(events.get(to));
        to++;
      }
      pieces.add(of(revision, events.subList(from, to)));
      from = to;
    }
    return pieces;
  }
}
