package io.lodestone.server;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Things to close in reverse order of their opening: all of them, the first failure thrown, the
 * others suppressed. Confined to one thread.
 */
final class Closing implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  @Override
  public void close() {
    RuntimeException failure = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        failure = joined(failure, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static RuntimeException joined(RuntimeException first, Exception next) {
    if (next instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    RuntimeException unchecked =
        next instanceof RuntimeException known ? known : new IllegalStateException(next);
    if (first == null) {
      return unchecked;
    }
    first.addSuppressed(unchecked);
    return first;
  }
}
