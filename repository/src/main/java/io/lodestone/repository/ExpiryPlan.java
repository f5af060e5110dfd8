package io.lodestone.repository;

import io.lodestone.repository.RetentionPolicy.Every;
import io.lodestone.repository.chain.SpanName;
import java.time.Instant;
import java.util.List;

/**
 * What an expiry will delete of a lineage, and why the rest stays. Immutable.
 *
 * @param countedFrom the moment that the policy's times are counted back from: now, or the end of
 *     the log where that is earlier, so that a backup that has stopped does not wither
 * @param points the promised moments that the log can tell, ascending
 * @param kept the runs of entries that stay, ascending; each begins with a base
 * @param stale what goes, ascending
 * @param marks the marks that were seen
 * @param spans the spans that were seen
 */
public record ExpiryPlan(
    Lineage lineage,
    Instant countedFrom,
    List<Point> points,
    List<Kept> kept,
    List<Stale> stale,
    List<Mark> marks,
    List<SpanName> spans) {
  public ExpiryPlan {
    points = List.copyOf(points);
    kept = List.copyOf(kept);
    stale = List.copyOf(stale);
    marks = List.copyOf(marks);
    spans = List.copyOf(spans);
  }

  /** A promised moment, and the base that it will be restored from. */
  public record Point(Instant at, Every promise, long baseSeq) {}

  /** The entries [firstSeq, lastSeq] stay: a base, and the log behind it up to a revision. */
  public record Kept(long firstSeq, long lastSeq, long lastRevision, Instant from, Instant to) {}

  /** The entries [firstSeq, lastSeq] go, with their parts and what stood for them. */
  public record Stale(long firstSeq, long lastSeq, long objects, long bytes) {}

  public long objects() {
    return stale.stream().mapToLong(Stale::objects).sum();
  }

  public long bytes() {
    return stale.stream().mapToLong(Stale::bytes).sum();
  }
}
