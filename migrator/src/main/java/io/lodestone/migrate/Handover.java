package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.CompactionProbe;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.lockstep.LockstepSink;
import io.lodestone.migrate.compare.ClusterComparison;
import io.lodestone.migrate.compare.Finding;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Phase;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * From the fence to the proof that both sides are equal. Whatever goes wrong on the way lowers the
 * fence again, at once.
 */
final class Handover {
  /** Writers do not wait longer than this for one side that is away. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final EtcdConnection source;
  private final Fence fence;
  private final Pursuit pursuit;
  private final LockstepSink sink;
  private final ClusterComparison comparison;
  private final Course course;

  Handover(
      EtcdConnection source,
      Fence fence,
      Pursuit pursuit,
      LockstepSink sink,
      ClusterComparison comparison,
      Course course) {
    this.source = source;
    this.fence = fence;
    this.pursuit = pursuit;
    this.sink = sink;
    this.comparison = comparison;
    this.course = course;
  }

  /** When this returns, the source is fenced and the destination is its equal. */
  void run() throws IOException, InterruptedException {
    boolean proved = false;
    sink.limitPatience(PATIENCE);
    try {
      long last = fence();
      course.enter(Phase.DRAIN);
      pursuit.drainTo(last, PATIENCE);
      course.enter(Phase.ALIGN);
      align();
      course.enter(Phase.CONSISTENCY_CHECK);
      prove(last);
      course.heedRequests();
      proved = true;
    } finally {
      if (!proved) {
        lower(fence, course);
      }
    }
  }

  /** Takes the fence away, and the journal knows. */
  static void lower(Fence fence, Course course) throws IOException, InterruptedException {
    fence.lower();
    course.journal().record(Event.UNFENCED, Map.of());
  }

  private long fence() throws IOException, InterruptedException {
    course.enter(Phase.FENCE);
    course.journal().record(Event.FENCING, Map.of());
    fence.raise();
    long last = source.revision();
    course.journal().note(Event.FENCED, Map.of("revision", Long.toString(last)));
    return last;
  }

  private void align() throws InterruptedException {
    sink.compact(new CompactionProbe(source).compactRevision());
    sink.alignLeases(source.leases());
  }

  private void prove(long last) throws IOException, InterruptedException {
    Finding finding = comparison.keysStandingAt(last);
    if (!finding.equal()) {
      throw new LodestoneException(
          "source and destination differ at revision "
              + last
              + " in "
              + finding.keys().size()
              + " or more keys, the first being "
              + finding.keys().get(0).toStringUtf8(),
          "the source takes writes again; give this destination up and seed another one");
    }
    long head = source.revision();
    if (head != last) {
      throw new LodestoneException(
          "the source went on to revision " + head + " behind its fence, which was at " + last,
          "stop all writers, and leases that expire, or let the source be fenced: --fence alarm");
    }
    course
        .journal()
        .note(
            Event.PROVED,
            Map.of(
                "proof",
                finding.proof().name(),
                "compactRevision",
                Long.toString(finding.compactRevision()),
                "members",
                Integer.toString(finding.hashes().size())));
  }
}
