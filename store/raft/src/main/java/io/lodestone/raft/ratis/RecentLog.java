package io.lodestone.raft.ratis;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How much of the log's end stays for members that are slow, by what it costs them to apply: so
 * many commands, or so many bytes of them, whichever is less. Ratis itself would count entries, of
 * which each has one command or hundreds. Confined to one thread at a time.
 */
final class RecentLog {
  private static final int MARKS = 16;
  private static final long BYTES = 64L << 20;

  /** The entry at {@code index} is the last of so many commands, and bytes, since the start. */
  private record Mark(long index, long commands, long bytes) {}

  private final long commandsKept;
  private final Deque<Mark> marks = new ArrayDeque<>();
  private long commands;
  private long bytes;
  private long dispensable;

  /**
   * @param applied the last entry that the state has; nothing is known of those before it
   */
  RecentLog(long commandsKept, long applied) {
    this.commandsKept = commandsKept;
    restart(applied);
  }

  /** The state has everything up to {@code applied}, which did not come by the log. */
  void restart(long applied) {
    marks.clear();
    marks.add(new Mark(applied, commands, bytes));
    dispensable = applied;
  }

  /** The entry at {@code index} comes next. */
  void add(long index, int entryCommands, int entryBytes) {
    commands += entryCommands;
    bytes += entryBytes;
    Mark last = marks.getLast();
    boolean far =
        commands - last.commands() >= Math.max(1, commandsKept / MARKS)
            || bytes - last.bytes() >= BYTES / MARKS;
    if (far) {
      marks.add(new Mark(index, commands, bytes));
      while (isEnoughBehind(marks.getFirst())) {
        dispensable = marks.removeFirst().index();
      }
    }
  }

  private boolean isEnoughBehind(Mark mark) {
    return commands - mark.commands() >= commandsKept || bytes - mark.bytes() >= BYTES;
  }

  /** The last entry that nobody needs; never less than before. */
  long dispensable() {
    return dispensable;
  }
}
