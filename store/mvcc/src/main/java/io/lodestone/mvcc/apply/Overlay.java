package io.lodestone.mvcc.apply;

import com.google.protobuf.ByteString;
import io.lodestone.mvcc.keyspace.Bounds;
import io.lodestone.mvcc.keyspace.Head;
import io.lodestone.mvcc.keyspace.Keys;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The keys as a batch has changed them so far, over the stored ones. Confined to one thread.
 *
 * <p>Single keys are looked up in a hash map. An order is kept only from the first range on that a
 * batch asks for.
 */
final class Overlay implements Keys {
  private final Keys stored;
  private final Map<ByteString, Optional<Head>> changed = new HashMap<>();
  private final NavigableMap<ByteString, Optional<Head>> sorted = new TreeMap<>(Bounds.ORDER);
  private boolean keepsOrder;

  Overlay(Keys stored) {
    this.stored = stored;
  }

  void put(ByteString key, Head head) {
    change(key, Optional.of(head));
  }

  void delete(ByteString key) {
    change(key, Optional.empty());
  }

  private void change(ByteString key, Optional<Head> head) {
    changed.put(key, head);
    if (keepsOrder) {
      sorted.put(key, head);
    }
  }

  void clear() {
    changed.clear();
    sorted.clear();
    keepsOrder = false;
  }

  @Override
  public Optional<Head> get(ByteString key) {
    Optional<Head> known = changed.get(key);
    return known != null ? known : stored.get(key);
  }

  @Override
  public long scan(Bounds bounds, long limit, Consumer<Head> visitor) {
    if (bounds.isEmpty()) {
      return 0;
    }
    Collection<Entry<ByteString, Optional<Head>>> changes = within(bounds);
    if (changes.isEmpty()) {
      return stored.scan(bounds, limit, visitor);
    }
    Merge merge = new Merge(changes.iterator(), limit, visitor);
    stored.scan(bounds, merge::stored);
    return merge.finish();
  }

  @Override
  public boolean any() {
    return count(new Bounds(ByteString.EMPTY, ByteString.EMPTY)) > 0;
  }

  private Collection<Entry<ByteString, Optional<Head>>> within(Bounds bounds) {
    if (changed.isEmpty()) {
      return Collections.emptySet();
    }
    if (!keepsOrder) {
      sorted.putAll(changed);
      keepsOrder = true;
    }
    NavigableMap<ByteString, Optional<Head>> range =
        bounds.to().isEmpty()
            ? sorted.tailMap(bounds.from(), true)
            : sorted.subMap(bounds.from(), true, bounds.to(), false);
    return range.entrySet();
  }

  /** Merges two ascending sequences; of a key in both, the changed one counts. */
  private static final class Merge {
    private final Iterator<Entry<ByteString, Optional<Head>>> changes;
    private final long limit;
    private final Consumer<Head> visitor;
    private Optional<Entry<ByteString, Optional<Head>>> next;
    private long count;

    Merge(Iterator<Entry<ByteString, Optional<Head>>> changes, long limit, Consumer<Head> visitor) {
      this.changes = changes;
      this.limit = limit;
      this.visitor = visitor;
      this.next = Optional.of(changes.next());
    }

    void stored(Head head) {
      while (next.isPresent() && Bounds.ORDER.compare(next.get().getKey(), head.key()) < 0) {
        takeChange();
      }
      if (next.isPresent() && next.get().getKey().equals(head.key())) {
        takeChange();
      } else {
        show(head);
      }
    }

    long finish() {
      while (next.isPresent()) {
        takeChange();
      }
      return count;
    }

    private void takeChange() {
      next.get().getValue().ifPresent(this::show);
      next = changes.hasNext() ? Optional.of(changes.next()) : Optional.empty();
    }

    private void show(Head head) {
      if (count++ < limit) {
        visitor.accept(head);
      }
    }
  }
}
