package io.lodestone.inspect;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Counts something by name, with its bytes. Of more than {@link #MOST_NAMES} names those that come
 * later are counted together. Confined to one thread.
 */
final class Tally {
  private static final int MOST_NAMES = 50_000;
  private static final String OTHERS = "others";

  private final Map<String, Line> lines = new HashMap<>();

  /** What was counted under one name. Immutable. */
  record Line(String name, long count, long bytes) {}

  void add(String name, long bytes) {
    String counted = lines.containsKey(name) || lines.size() < MOST_NAMES ? name : OTHERS;
    lines.merge(
        counted,
        new Line(counted, 1, bytes),
        (before, one) -> new Line(counted, before.count + 1, before.bytes + one.bytes));
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  /** The names with the most, the greatest first. */
  List<Line> top(int most, ToLongFunction<Line> by) {
    return lines.values().stream()
        .sorted(Comparator.comparingLong(by).reversed().thenComparing(Line::name))
        .limit(most)
        .toList();
  }

  /** What stands before a key's last slash, with it; empty where there is none. */
  static String prefix(String key) {
    return key.substring(0, key.lastIndexOf('/') + 1);
  }
}
