package io.lodestone.mvcc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many views are open, and where they were opened, to be told when an engine cannot close.
 * Where is kept only if the JVM runs with assertions, as tests do, since it costs a stack trace for
 * each read. Thread-safe.
 */
final class OpenViews {
  private static final boolean TRACKED = OpenViews.class.desiredAssertionStatus();

  private final LongAdder open = new LongAdder();
  private final Map<EngineView, Throwable> origins = new ConcurrentHashMap<>();

  void opened(EngineView view) {
    open.increment();
    if (TRACKED) {
      origins.put(view, new Throwable("opened by " + Thread.currentThread().getName()));
    }
  }

  void closed(EngineView view) {
    open.decrement();
    if (TRACKED) {
      origins.remove(view);
    }
  }

  long count() {
    return open.sum();
  }

  /** Fails while a view is open, with one suppressed throwable for each. */
  void requireNone() {
    long count = count();
    if (count > 0) {
      IllegalStateException failure =
          new IllegalStateException(
              "the engine cannot close: "
                  + count
                  + " views are still open"
                  + (TRACKED ? "" : "; run with -ea to be told where they were opened"));
      origins.values().forEach(failure::addSuppressed);
      throw failure;
    }
  }
}
