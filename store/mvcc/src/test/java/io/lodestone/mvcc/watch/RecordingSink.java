package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.mvccpb.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Keeps what it is told, and is full now and then. Thread-safe. */
final class RecordingSink implements WatchSink {
  final List<Event> events = new ArrayList<>();
  final List<EventBatch> batches = new ArrayList<>();
  private final Random random;
  private final int fullOneIn;
  private long created = -1;
  private long compacted;
  private boolean refused;

  /**
   * @param fullOneIn 0 for never
   */
  RecordingSink(long seed, int fullOneIn) {
    this.random = new Random(seed);
    this.fullOneIn = fullOneIn;
  }

  @Override
  public synchronized void created(long revision) {
    created = revision;
  }

  @Override
  public synchronized boolean offer(EventBatch batch) {
    if (fullOneIn > 0 && random.nextInt(fullOneIn) == 0) {
      refused = true;
      return false;
    }
    batches.add(batch);
    batch.events().forEach(event -> events.add(parsed(event)));
    return true;
  }

  static Event parsed(ByteString event) {
    try {
      return Event.parseFrom(event);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public synchronized void compacted(long compactRevision) {
    compacted = compactRevision;
  }

  @Override
  public void failed(Exception cause) {
    throw new AssertionError(cause);
  }

  synchronized boolean takeRefusal() {
    boolean was = refused;
    refused = false;
    return was;
  }

  synchronized long created() {
    return created;
  }

  synchronized long compacted() {
    return compacted;
  }

  synchronized List<Event> events() {
    return List.copyOf(events);
  }

  synchronized List<EventBatch> batches() {
    return List.copyOf(batches);
  }
}
