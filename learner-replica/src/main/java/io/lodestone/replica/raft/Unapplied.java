package io.lodestone.replica.raft;

import io.lodestone.api.raftpb.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries behind the last applied one, without a gap. A leader may replace those that are not
 * committed. Confined to one thread.
 */
final class Unapplied {
  private final List<Entry> entries = new ArrayList<>();
  private Position before;
  private long sizeBytes;

  Unapplied(Position applied) {
    this.before = applied;
  }

  /** Where the log is applied up to. */
  Position before() {
    return before;
  }

  long lastIndex() {
    return before.index() + entries.size();
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /** Whether the log has this entry; what is applied is known by its last entry alone. */
  boolean holds(Position position) {
    return position.index() == before.index()
        ? position.term() == before.term()
        : position.index() > before.index()
            && position.index() <= lastIndex()
            && at(position.index()).getTerm() == position.term();
  }

  private Entry at(long index) {
    return entries.get((int) (index - before.index() - 1));
  }

  /** An entry of another term than the one in its place replaces that and all behind it. */
  void put(Entry entry) {
    if (holds(new Position(entry.getIndex(), entry.getTerm()))) {
      return;
    }
    while (lastIndex() >= entry.getIndex()) {
      sizeBytes -= entries.remove(entries.size() - 1).getSerializedSize();
    }
    entries.add(entry);
    sizeBytes += entry.getSerializedSize();
  }

  /**
   * Copies entries from the first on, up to {@code lastIndex}: as many as have {@code mostBytes}
   * together, but one at least.
   */
  List<Entry> first(long lastIndex, long mostBytes) {
    List<Entry> some = new ArrayList<>();
    long bytes = 0;
    for (Entry entry : entries) {
      bytes += entry.getSerializedSize();
      if (entry.getIndex() > lastIndex || (bytes > mostBytes && !some.isEmpty())) {
        break;
      }
      some.add(entry);
    }
    return some;
  }

  /** Lets go of everything up to {@code applied}, which is an entry of this log. */
  void applied(Position applied) {
    List<Entry> done = entries.subList(0, (int) (applied.index() - before.index()));
    done.forEach(entry -> sizeBytes -= entry.getSerializedSize());
    done.clear();
    before = applied;
  }
}
