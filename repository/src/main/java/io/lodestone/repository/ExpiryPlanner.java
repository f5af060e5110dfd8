package io.lodestone.repository;

import io.lodestone.repository.ExpiryPlan.Kept;
import io.lodestone.repository.ExpiryPlan.Point;
import io.lodestone.repository.ExpiryPlan.Stale;
import io.lodestone.repository.History.Stretch;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.SpanName;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.Standing;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Decides what of a lineage no promise needs. Every promised moment keeps the newest base before it
 * and the log up to it; the newest base and all behind it stay in any case. Confined to one thread.
 */
final class ExpiryPlanner {
  private final EntryLog log;
  private final Lineage lineage;
  private final List<Mark> marks;
  private final List<SpanName> spans;
  private final History history;
  private final List<Point> points = new ArrayList<>();

  /** The last entry to keep behind each base, by the base's seq. */
  private final NavigableMap<Long, Long> runs = new TreeMap<>();

  ExpiryPlanner(EntryLog log, Lineage lineage) throws IOException {
    this.log = log;
    this.lineage = lineage;
    this.marks = new Marks(log).list();
    this.spans = log.allSpans();
    this.history = History.read(log);
  }

  ExpiryPlan plan(RetentionPolicy policy, Instant now) throws IOException {
    Stretch newest = history.newest().orElseThrow(history::empty);
    Instant end = newest.end().at();
    Instant from = end.isBefore(now) ? end : now;
    keep(newest, history.lastSeq());
    for (Stretch stretch : history.since(from.minus(policy.anyPoint()))) {
      keep(stretch, stretch.lastSeq());
    }
    keepPoints(policy, from);
    for (Mark mark : marks) {
      Stretch stretch = history.covering(mark.revision());
      keep(stretch, history.lastNeeded(stretch, mark.revision()));
    }
    return new ExpiryPlan(lineage, from, points, kept(), stale(), marks, spans);
  }

  private void keep(Stretch stretch, long lastSeq) {
    runs.merge(stretch.base().seq(), lastSeq, Math::max);
  }

  /** Of the moments that one stretch tells, the last needs all that the others do. */
  private void keepPoints(RetentionPolicy policy, Instant from) throws IOException {
    Map<Stretch, Instant> last = new TreeMap<>(Stretch.BY_BASE);
    for (var point : policy.points(from).entrySet()) {
      history
          .at(point.getKey())
          .ifPresent(
              stretch -> {
                last.put(stretch, point.getKey());
                points.add(new Point(point.getKey(), point.getValue(), stretch.base().seq()));
              });
    }
    for (var needed : last.entrySet()) {
      keep(needed.getKey(), history.lastNeeded(needed.getKey(), needed.getValue()));
    }
  }

  private List<Kept> kept() throws IOException {
    List<Kept> kept = new ArrayList<>();
    for (var run : runs.entrySet()) {
      EntryHeader base = log.header(run.getKey());
      Standing end = log.header(run.getValue()).standing();
      kept.add(
          new Kept(run.getKey(), run.getValue(), end.revision(), base.standing().at(), end.at()));
    }
    return kept;
  }

  private List<Stale> stale() throws IOException {
    List<Stale> stale = new ArrayList<>();
    long next = log.firstCovered(log.firstSeq().orElseThrow());
    for (var run : runs.entrySet()) {
      if (next < run.getKey()) {
        Stale range = measured(next, run.getKey() - 1);
        if (range.objects() > 0) {
          stale.add(range);
        }
      }
      next = run.getValue() + 1;
    }
    return stale;
  }

  private Stale measured(long first, long last) throws IOException {
    long objects = 0;
    long bytes = 0;
    Iterator<StoredObject> going = new SpannedObjects(log, first, last).iterator();
    while (going.hasNext()) {
      objects++;
      bytes += going.next().sizeBytes();
    }
    return new Stale(first, last, objects, bytes);
  }
}
