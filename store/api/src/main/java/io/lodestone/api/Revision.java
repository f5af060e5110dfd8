package io.lodestone.api;

/**
 * A position in the history of a store: {@code main} counts transactions store-wide, {@code sub}
 * counts the changes inside one transaction, from 0. Ordered by main, then sub, as etcd orders the
 * rows of its {@code key} bucket. Immutable.
 */
public record Revision(long main, long sub) implements Comparable<Revision> {
  public Revision {
    if (main < 0 || sub < 0) {
      throw new IllegalArgumentException("revision (" + main + ", " + sub + ") is negative");
    }
  }

  @Override
  public int compareTo(Revision other) {
    int byMain = Long.compare(main, other.main);
    return byMain != 0 ? byMain : Long.compare(sub, other.sub);
  }

  public boolean isAfter(Revision other) {
    return compareTo(other) > 0;
  }

  @Override
  public String toString() {
    return main + "/" + sub;
  }
}
