package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Finds the watchers of a key. Confined to one thread. */
final class WatcherIndex {
  private final Map<ByteString, Set<Watcher>> singles = new HashMap<>();
  private final RangeIndex ranges = new RangeIndex();
  private final Set<Watcher> all = new LinkedHashSet<>();

  /** Of {@link #all}, for other threads to see. */
  private volatile int size;

  void add(Watcher watcher) {
    KeyRange range = watcher.request().range();
    all.add(watcher);
    size = all.size();
    if (range.isSingle()) {
      singles.computeIfAbsent(range.start(), key -> new LinkedHashSet<>()).add(watcher);
    } else {
      ranges.add(range, watcher);
    }
  }

  void remove(Watcher watcher) {
    KeyRange range = watcher.request().range();
    if (!all.remove(watcher)) {
      return;
    }
    size = all.size();
    if (range.isSingle()) {
      singles.computeIfPresent(
          range.start(),
          (key, watchers) -> {
            watchers.remove(watcher);
            return watchers.isEmpty() ? null : watchers;
          });
    } else {
      ranges.remove(range, watcher);
    }
  }

  void forEachOn(ByteString key, Consumer<Watcher> action) {
    Set<Watcher> onKey = singles.get(key);
    if (onKey != null) {
      onKey.forEach(action);
    }
    ranges.forEachOn(key, action);
  }

  /** How many there are; any thread may ask. */
  int size() {
    return size;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** All of them; the index is empty afterwards. */
  List<Watcher> drain() {
    List<Watcher> drained = new ArrayList<>(all);
    drained.forEach(this::remove);
    return drained;
  }
}
