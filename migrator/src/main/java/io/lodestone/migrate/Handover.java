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
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * From the fence to the open destination. Whatever goes wrong before the cutover lowers the fence
 * again. Once the cutover has begun the fence stays: nobody knows then whether clients have moved.
 */
final class Handover {
  private static final long TICK_MILLIS = 100;

  private final EtcdConnection source;
  private final Fence fence;
  private final Pursuit pursuit;
  private final LockstepSink sink;
  private final ClusterComparison comparison;
  private final HookRunner hooks;
  private final MigrationOptions options;
  private final Course course;

  Handover(
      EtcdConnection source,
      Fence fence,
      Pursuit pursuit,
      LockstepSink sink,
      ClusterComparison comparison,
      HookRunner hooks,
      MigrationOptions options,
      Course course) {
    this.source = source;
    this.fence = fence;
    this.pursuit = pursuit;
    this.sink = sink;
    this.comparison = comparison;
    this.hooks = hooks;
    this.options = options;
    this.course = course;
  }

  void run() throws IOException, InterruptedException {
    boolean proved = false;
    try {
      long last = fence();
      course.enter(Phase.DRAIN);
      pursuit.drainTo(last);
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
    cutOver();
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
    sink.compact(
        new CompactionProbe(source).newerThan(source.endpoints().get(0), -1).orElse(-1L));
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

  private void cutOver() throws IOException, InterruptedException {
    course.enter(Phase.CUTOVER);
    hooks.run("cutover", options.hooks().cutover());
    course.journal().record(Event.OPENED, Map.of());
    TimeUnit grace = TimeUnit.NANOSECONDS;
    long end = System.nanoTime() + options.leaseGrace().toNanos();
    while (System.nanoTime() - end < 0) {
      TimeUnit.MILLISECONDS.sleep(Math.min(TICK_MILLIS, 1 + grace.toMillis(end - System.nanoTime())));
    }
    sink.releaseLeases();
  }
}
