package io.lodestone.server.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.stub.ServerCallStreamObserver;
import io.lodestone.server.metrics.WatchMetrics;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * What waits to be sent to one client, sent as fast as the client takes it, by whichever thread
 * comes by. Thread-safe. Bounded for events: {@link #offer} refuses beyond a megabyte or 128
 * answers, and beyond one answer while those of all clients are too much; what a client asked for
 * itself is always taken, and no further request is read meanwhile.
 */
final class Outbox {
  private static final long MAX_BYTES = 1 << 20;
  private static final int MAX_ANSWERS = 128;

  private final ServerCallStreamObserver<WatchAnswer> client;
  private final WatchMetrics metrics;
  private final SharedRoom room;
  private final Runnable drained;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Queue<WatchAnswer> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private long waitingBytes;

  @GuardedBy("lock")
  private boolean sending;

  @GuardedBy("lock")
  private boolean closed;

  /**
   * @param drained called, on any thread, each time nothing waits any more
   */
  Outbox(
      ServerCallStreamObserver<WatchAnswer> client,
      SharedRoom room,
      WatchMetrics metrics,
      Runnable drained) {
    this.client = client;
    this.room = room;
    this.metrics = metrics;
    this.drained = drained;
  }

  /** False, and nothing taken, where too much waits already. */
  boolean offer(Iterable<WatchAnswer> answers) {
    synchronized (lock) {
      boolean full = waitingBytes >= MAX_BYTES || waiting.size() >= MAX_ANSWERS;
      if (full || (waitingBytes > 0 && room.isFull())) {
        return false;
      }
      answers.forEach(this::add);
    }
    send();
    return true;
  }

  void put(WatchAnswer answer) {
    synchronized (lock) {
      add(answer);
    }
    send();
  }

  @GuardedBy("lock")
  private void add(WatchAnswer answer) {
    if (!closed) {
      waiting.add(answer);
      account(answer.sizeBytes());
      metrics.eventsWait(answer.events().size());
    }
  }

  @GuardedBy("lock")
  private void account(long bytes) {
    waitingBytes += bytes;
    room.take(bytes);
  }

  boolean isFull() {
    synchronized (lock) {
      return waiting.size() >= MAX_ANSWERS;
    }
  }

  /** Sends while the client takes; called again whenever it takes more. */
  void send() {
    while (client.isReady() && begin()) {
      Optional<WatchAnswer> next = next();
      while (next.isPresent()) {
        next.ifPresent(client::onNext);
        next = next();
      }
    }
  }

  private boolean begin() {
    synchronized (lock) {
      if (sending || waiting.isEmpty()) {
        return false;
      }
      sending = true;
      return true;
    }
  }

  /**
   * Empty ends the sending. A client that became ready just before that did not begin a sending of
   * its own, so the caller looks again.
   */
  private Optional<WatchAnswer> next() {
    boolean ready = client.isReady();
    synchronized (lock) {
      if (ready && !waiting.isEmpty()) {
        account(-waiting.element().sizeBytes());
        WatchAnswer answer = waiting.remove();
        metrics.eventsSent(answer.events().size());
        return Optional.of(answer);
      }
      sending = false;
    }
    tellIfDrained();
    return Optional.empty();
  }

  /** For who has just noted that it waits for room, which may have been made meanwhile. */
  void tellIfDrained() {
    boolean empty;
    synchronized (lock) {
      empty = waiting.isEmpty() && !sending;
    }
    if (empty) {
      drained.run();
    }
  }

  /** Nothing more will be sent. */
  void close() {
    synchronized (lock) {
      closed = true;
      waiting.forEach(answer -> metrics.eventsDropped(answer.events().size()));
      waiting.clear();
      account(-waitingBytes);
    }
  }
}
