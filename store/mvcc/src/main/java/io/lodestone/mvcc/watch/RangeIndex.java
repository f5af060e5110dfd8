package io.lodestone.mvcc.watch;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Watchers by range: those whose range holds a key are found in logarithmic time for each range
 * found. A treap over the distinct ranges, ordered by start, in which every node knows the furthest
 * end below it. Confined to one thread.
 */
final class RangeIndex {
  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private final SplittableRandom priorities = new SplittableRandom(1);
  private Optional<Node> root = Optional.empty();

  void add(KeyRange range, Watcher watcher) {
    root = Optional.of(insert(root, range, watcher));
  }

  void remove(KeyRange range, Watcher watcher) {
    root = root.flatMap(node -> delete(node, range, watcher));
  }

  void forEachOn(ByteString key, Consumer<Watcher> action) {
    visit(root, key, action);
  }

  private Node insert(Optional<Node> at, KeyRange range, Watcher watcher) {
    if (at.isEmpty()) {
      return new Node(range, watcher, priorities.nextLong());
    }
    Node node = at.get();
    int side = node.compare(range);
    if (side == 0) {
      node.watchers.add(watcher);
      return node;
    }
    if (side > 0) {
      node.left = Optional.of(insert(node.left, range, watcher));
    } else {
      node.right = Optional.of(insert(node.right, range, watcher));
    }
    return node.balanced();
  }

  private static Optional<Node> delete(Node node, KeyRange range, Watcher watcher) {
    int side = node.compare(range);
    if (side == 0) {
      node.watchers.remove(watcher);
      return node.watchers.isEmpty() ? merge(node.left, node.right) : Optional.of(node);
    }
    if (side > 0) {
      node.left = node.left.flatMap(child -> delete(child, range, watcher));
    } else {
      node.right = node.right.flatMap(child -> delete(child, range, watcher));
    }
    node.update();
    return Optional.of(node);
  }

  /** All of {@code low} before all of {@code high}. */
  private static Optional<Node> merge(Optional<Node> low, Optional<Node> high) {
    if (low.isEmpty() || high.isEmpty()) {
      return low.isEmpty() ? high : low;
    }
    Node below = low.get();
    Node above = high.get();
    if (below.priority > above.priority) {
      below.right = merge(below.right, high);
      below.update();
      return low;
    }
    above.left = merge(low, above.left);
    above.update();
    return high;
  }

  private static void visit(Optional<Node> at, ByteString key, Consumer<Watcher> action) {
    if (at.isEmpty() || !isBehind(at.get().furthestEnd, key)) {
      return;
    }
    Node node = at.get();
    visit(node.left, key, action);
    if (ORDER.compare(node.range.start(), key) <= 0) {
      if (isBehind(end(node.range), key)) {
        node.watchers.forEach(action);
      }
      visit(node.right, key, action);
    }
  }

  /** Empty for no end. */
  private static ByteString end(KeyRange range) {
    return range.isFromKey() ? ByteString.EMPTY : range.end();
  }

  private static boolean isBehind(ByteString end, ByteString key) {
    return end.isEmpty() || ORDER.compare(end, key) > 0;
  }

  private static ByteString further(ByteString a, ByteString b) {
    return a.isEmpty() || b.isEmpty() ? ByteString.EMPTY : ORDER.compare(a, b) > 0 ? a : b;
  }

  /** A range and who watches it; its priority is not below its children's. */
  private static final class Node {
    private final KeyRange range;
    private final long priority;
    private final Set<Watcher> watchers = new LinkedHashSet<>();
    private Optional<Node> left = Optional.empty();
    private Optional<Node> right = Optional.empty();
    private ByteString furthestEnd;

    Node(KeyRange range, Watcher watcher, long priority) {
      this.range = range;
      this.priority = priority;
      this.furthestEnd = end(range);
      watchers.add(watcher);
    }

    int compare(KeyRange other) {
      int byStart = ORDER.compare(range.start(), other.start());
      return byStart != 0 ? byStart : ORDER.compare(range.end(), other.end());
    }

    void update() {
      furthestEnd = end(range);
      left.ifPresent(child -> furthestEnd = further(furthestEnd, child.furthestEnd));
      right.ifPresent(child -> furthestEnd = further(furthestEnd, child.furthestEnd));
    }

    /** This node, or the child that has to stand above it. */
    Node balanced() {
      update();
      if (left.isPresent() && left.get().priority > priority) {
        Node top = left.get();
        left = top.right;
        update();
        top.right = Optional.of(this);
        top.update();
        return top;
      }
      if (right.isPresent() && right.get().priority > priority) {
        Node top = right.get();
        right = top.left;
        update();
        top.left = Optional.of(this);
        top.update();
        return top;
      }
      return this;
    }
  }
}
