package io.lodestone.mvcc.rocks;

import java.util.ArrayDeque;
import java.util.Deque;

/** Native objects that are closed together, the last one first. Confined to one thread. */
final class Natives implements AutoCloseable {
  private final Deque<AutoCloseable> objects = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T object) {
    objects.push(object);
    return object;
  }

  /** All are closed; the first failure is thrown, the others are suppressed in it. */
  @Override
  public void close() {
    IllegalStateException failure = null;
    while (!objects.isEmpty()) {
      try {
        objects.pop().close();
      } catch (Exception e) {
        IllegalStateException next = new IllegalStateException("closing a native object", e);
        if (failure == null) {
          failure = next;
        } else {
          failure.addSuppressed(next);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
