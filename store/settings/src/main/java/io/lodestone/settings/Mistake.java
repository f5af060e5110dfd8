package io.lodestone.settings;

import java.util.Comparator;

/**
 * Something in a settings file that cannot be used. Ordered by place. Immutable.
 *
 * @param line counted from 1
 * @param column counted from 1
 */
public record Mistake(int line, int column, String message, String hint)
    implements Comparable<Mistake> {
  @Override
  public int compareTo(Mistake other) {
    return Comparator.comparingInt(Mistake::line)
        .thenComparingInt(Mistake::column)
        .thenComparing(Mistake::message)
        .compare(this, other);
  }
}
