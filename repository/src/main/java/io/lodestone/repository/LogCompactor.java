package io.lodestone.repository;

import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.SpanName;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.First;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Merges the entries of a log level by level as they age. Bases, ends, what has expired, and the
 * last entry stay as they are. Holds the headers of one group, never its content. Confined to one
 * thread.
 */
final class LogCompactor {
  private final EntryLog log;
  private final Levels levels;
  private final SpanMerge merge;
  private final CompactionNotice notice;
  private long merged;
  private long written;

  LogCompactor(EntryLog log, Levels levels, SpanMerge merge, CompactionNotice notice) {
    this.log = log;
    this.levels = levels;
    this.merge = merge;
    this.notice = notice;
  }

  CompactionReport compact() throws IOException, InterruptedException {
    sweepLeftovers();
    History history = History.read(log);
    for (Stretch stretch : history.stretches()) {
      Instant end = history.newest().orElseThrow().end().at();
      long last = Math.min(stretch.lastSeq(), history.lastSeq() - 1);
      compact(stretch.base().seq() + 1, last, end);
    }
    return new CompactionReport(merged, written, merge.deleted());
  }

  private void compact(long from, long to, Instant end) throws IOException, InterruptedException {
    Optional<Group> group = Optional.empty();
    long seq = from;
    while (seq <= to) {
      Optional<SpanName> done =
          log.spanOver(seq).filter(span -> span.level() >= levels.windows().size());
      if (done.isPresent()) {
        finish(group);
        group = Optional.empty();
        seq = done.get().lastSeq() + 1;
        continue;
      }
      EntryHeader piece = log.header(seq);
      if (piece.seq() > to) {
        // A copy under way may end with a span, which must stay until something follows.
        break;
      }
      if (group.isEmpty() || !group.get().take(piece)) {
        finish(group);
        group = Group.begin(piece, level(piece, end), levels);
      }
      seq = piece.seq() + 1;
    }
    finish(group);
  }

  private void finish(Optional<Group> group) throws IOException, InterruptedException {
    if (group.isPresent()
        && group.get().pieces.size() > 1
        && merge.merge(group.get().pieces, group.get().level)) {
      merged += group.get().pieces.size();
      written++;
    }
  }

  /** The highest level whose window around the entry has been over for long enough; 0 if none. */
  private int level(EntryHeader piece, Instant end) {
    int level = levels.windows().size();
    while (level > 0 && !isOver(levels.windows().get(level - 1), begin(piece), end)) {
      level--;
    }
    return level;
  }

  private static boolean isOver(Duration window, Instant begin, Instant end) {
    return (window(window, begin) + 2) * window.toMillis() <= end.toEpochMilli();
  }

  private static long window(Duration window, Instant time) {
    return Math.floorDiv(time.toEpochMilli(), window.toMillis());
  }

  private static Instant begin(EntryHeader piece) {
    return piece.first().map(First::at).orElse(piece.standing().at());
  }

  /** Neighbours that become one. */
  private static final class Group {
    final List<EntryHeader> pieces = new ArrayList<>();
    final int level;
    private final Levels levels;
    private long bytes;

    private Group(int level, Levels levels) {
      this.level = level;
      this.levels = levels;
    }

    /** A group of a level above its first piece's; empty where there is none for it. */
    static Optional<Group> begin(EntryHeader first, int level, Levels levels) {
      int has = first.span().map(span -> span.level()).orElse(0);
      if (first.kind() != Kind.SEGMENT || level <= has) {
        return Optional.empty();
      }
      Group group = new Group(level, levels);
      group.add(first);
      return Optional.of(group);
    }

    boolean take(EntryHeader next) {
      boolean mergeable = next.kind() == Kind.SEGMENT || next.kind() == Kind.CLAIM;
      Duration window = levels.windows().get(level - 1);
      boolean together =
          window(window, LogCompactor.begin(pieces.get(0)))
              == window(window, LogCompactor.begin(next));
      if (!mergeable || !together || bytes + size(next) > levels.groupBytes()) {
        return false;
      }
      add(next);
      return true;
    }

    private void add(EntryHeader piece) {
      pieces.add(piece);
      bytes += size(piece);
    }

    private static long size(EntryHeader piece) {
      return piece.content().bytes() + piece.parts().stream().mapToLong(PartFacts::bytes).sum();
    }
  }

  /**
   * Deletes what runs before have merged and did not come to delete, while no other run is under
   * way: one may be about to take back a span, or have written parts for one to come.
   */
  private void sweepLeftovers() throws IOException {
    List<SpanName> all = log.allSpans();
    Set<Long> covered = new TreeSet<>();
    for (SpanName span : all) {
      SpanName chosen = log.spanOver(span.firstSeq()).orElse(span);
      if (!chosen.equals(span) && !chosen.expired()) {
        covered.add(chosen.firstSeq());
      }
    }
    addCovered(log.names().entries(), covered);
    addCovered(log.names().parts(), covered);
    for (long first : covered) {
      merge.sweep(log.header(first), notice);
    }
  }

  private void addCovered(String directory, Set<Long> covered) throws IOException {
    Iterator<StoredObject> listed = log.store().list(directory, "");
    while (listed.hasNext()) {
      OptionalLong seq = log.names().numberOf(directory, listed.next().name());
      if (seq.isPresent()) {
        Optional<SpanName> span = log.spanOver(seq.getAsLong()).filter(found -> !found.expired());
        boolean part = directory.equals(log.names().parts());
        span.filter(found -> !part || found.lastSeq() != seq.getAsLong())
            .ifPresent(found -> covered.add(found.firstSeq()));
      }
    }
  }
}
