package io.lodestone.server.watch;

import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.mvcc.watch.EventBatch;
import io.lodestone.mvcc.watch.WatchSink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** One watcher of a client's stream: makes the hub's news into responses. Thread-safe. */
final class ClientWatch implements WatchSink {
  private final long id;
  private final boolean fragmented;
  private final boolean wantsProgress;
  private final Answering answering;
  private final Outbox outbox;
  private final AtomicBoolean idle = new AtomicBoolean(true);
  private final AtomicBoolean refused = new AtomicBoolean();
  private volatile boolean over;

  ClientWatch(long id, WatchCreateRequest request, Answering answering, Outbox outbox) {
    this.id = id;
    this.fragmented = request.getFragment();
    this.wantsProgress = request.getProgressNotify();
    this.answering = answering;
    this.outbox = outbox;
  }

  long id() {
    return id;
  }

  @Override
  public void created(long revision) {
    outbox.put(WatchAnswer.of(answering.at(revision).setWatchId(id).setCreated(true).build()));
  }

  @Override
  public boolean offer(EventBatch events) {
    List<WatchAnswer> answers = answers(events);
    if (!outbox.offer(answers)) {
      refused.set(true);
      outbox.tellIfDrained();
      return false;
    }
    idle.set(false);
    return true;
  }

  private List<WatchAnswer> answers(EventBatch events) {
    WatchResponse control = answering.at(events.revision()).setWatchId(id).build();
    if (!fragmented) {
      return List.of(new WatchAnswer(control, events.events(), events.sizeBytes()));
    }
    List<EventBatch> pieces =
        events.pieces(control.getSerializedSize(), answering.maxResponseBytes());
    WatchResponse part = control.toBuilder().setFragment(true).build();
    List<WatchAnswer> answers = new ArrayList<>(pieces.size());
    for (EventBatch piece : pieces) {
      boolean isLast = answers.size() == pieces.size() - 1;
      answers.add(new WatchAnswer(isLast ? control : part, piece.events(), piece.sizeBytes()));
    }
    return answers;
  }

  @Override
  public void compacted(long compactRevision) {
    over = true;
    outbox.put(
        WatchAnswer.of(
            answering
                .withoutRevision()
                .setWatchId(id)
                .setCanceled(true)
                .setCompactRevision(compactRevision)
                .build()));
  }

  @Override
  public void failed(Exception cause) {
    over = true;
    outbox.put(
        WatchAnswer.of(
            answering
                .withoutRevision()
                .setWatchId(id)
                .setCanceled(true)
                .setCancelReason("history cannot be read: " + cause.getMessage())
                .build()));
  }

  boolean isOver() {
    return over;
  }

  /** Whether it was refused room since it was last asked. */
  boolean takeRefusal() {
    return refused.getAndSet(false);
  }

  /** Whether an interval without events has passed, of which it wants to hear. */
  boolean isDueForProgress() {
    return wantsProgress && !over && idle.getAndSet(true);
  }

  boolean wantsProgress() {
    return wantsProgress;
  }
}
