package io.lodestone.conformance.cluster;

import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Counts a key of its own up by one tool, and reads it back, whatever becomes of the members. A
 * thread.
 */
abstract class ToolUser extends Thread implements AutoCloseable {
  /** The tool did not get an answer; it says why. */
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;

    Failed(String text) {
      super(text);
    }
  }

  private final String key;
  private final Queue<Throwable> surprises;
  private final Set<Long> open = ConcurrentHashMap.newKeySet();
  private final Set<String> told = new ConcurrentSkipListSet<>();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private volatile long acknowledged;

  ToolUser(String key, Queue<Throwable> surprises) {
    super("tool-user-" + key);
    this.key = key;
    this.surprises = surprises;
  }

  abstract void put(String ownKey, String value) throws Failed, InterruptedException;

  /** Empty where there is none. */
  abstract String get(String ownKey) throws Failed, InterruptedException;

  /** The newest value whose write was acknowledged; 0 for none. */
  long acknowledged() {
    return acknowledged;
  }

  /** What it was told instead of an answer. */
  Set<String> told() {
    return told;
  }

  @Override
  public void run() {
    try {
      for (long value = 1; !stopping.get(); value++) {
        write(value);
        read();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | AssertionError e) {
      surprises.add(e);
    }
  }

  /** What fails may have happened, or may yet. */
  private void write(long value) throws InterruptedException {
    open.add(value);
    try {
      put(key, Long.toString(value));
      open.remove(value);
      acknowledged = value;
    } catch (Failed e) {
      told.add(e.getMessage());
    }
  }

  private void read() throws InterruptedException {
    try {
      String found = get(key);
      long value = found.isEmpty() ? 0 : Long.parseLong(found);
      if (value != acknowledged && !open.contains(value)) {
        throw new AssertionError(
            getName() + " read " + value + " after " + acknowledged + " was acknowledged");
      }
    } catch (Failed e) {
      told.add(e.getMessage());
    }
  }

  /** Waits for what is under way. */
  @Override
  public void close() {
    stopping.set(true);
    try {
      join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
