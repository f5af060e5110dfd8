package io.lodestone.server.watch;

import java.util.concurrent.atomic.AtomicLong;

/** What waits for all clients of a server together. Thread-safe. */
final class SharedRoom {
  private final long maxBytes;
  private final AtomicLong takenBytes = new AtomicLong();

  SharedRoom(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  boolean isFull() {
    return takenBytes.get() >= maxBytes;
  }

  /** Takes room, also where there is none; negative gives it back. */
  void take(long bytes) {
    takenBytes.addAndGet(bytes);
  }
}
