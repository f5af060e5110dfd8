package io.lodestone.migrate;

import com.google.common.base.Throwables;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * From the fence to the proof that both sides are equal. Where anything goes wrong on the way, the
 * caller lowers the fence again, at once.
 */
final class Handover {
  /** Writers do not wait longer than this for one side that is away. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Duration STEP = Duration.ofMillis(5);
  private static final int REHEARSALS = 3;

  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final Fence fence;
  private final Pursuit pursuit;
  private final LockstepSink sink;
  private final ClusterComparison comparison;
  private final Course course;

  Handover(
      EtcdConnection source,
      EtcdConnection destination,
      Fence fence,
      Pursuit pursuit,
      LockstepSink sink,
      ClusterComparison comparison,
      Course course) {
    this.source = source;
    this.destination = destination;
    this.fence = fence;
    this.pursuit = pursuit;
    this.sink = sink;
    this.comparison = comparison;
    this.course = course;
  }

  /**
   * The proof before the fence, while writers write: a member that does not answer or holds
   * something else is found before anybody has to wait, and what takes long only the first time is
   * over. Costs each member a pass over its database.
   */
  void rehearse() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    fence.prepare();
    for (int attempt = 0; attempt < REHEARSALS; attempt++) {
      sink.compact(new CompactionProbe(source).compactRevision());
      Optional<Finding> found = comparison.keysIfComparableAt(sink.revision());
      if (found.isPresent()) {
        requireEqual(found.get());
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        course
            .journal()
            .note(
                Event.REHEARSED,
                Map.of("proof", found.get().proof().name(), "millis", Long.toString(millis)));
        return;
      }
    }
  }

  /** Fails where users or roles were changed while no run followed the source. */
  void requireSameUsers() {
    List<String> differences = comparison.users();
    if (!differences.isEmpty()) {
      throw new LodestoneException(
          "users and roles are not those of the source any more: " + String.join(", ", differences),
          "make the same change on the destination, or begin again with another --dir and fresh"
              + " directories, which also brings passwords");
    }
  }

  /** When this returns, the source is fenced and the destination is its equal. */
  void run() throws IOException, InterruptedException {
    sink.limitPatience(PATIENCE);
    long last = fence();
    course.enter(Phase.DRAIN);
    pursuit.drainTo(last, PATIENCE);
    course.enter(Phase.ALIGN);
    align();
    course.enter(Phase.CONSISTENCY_CHECK);
    prove(last);
    course.heedRequests();
  }

  /** The replay goes on while the fence is raised, so that little is left to be repeated then. */
  private long fence() throws IOException, InterruptedException {
    course.enter(Phase.FENCE);
    course.journal().record(Event.FENCING, Map.of());
    FutureTask<Long> raising = new FutureTask<>(this::raise);
    Thread thread = new Thread(raising, "migrate-fence");
    thread.start();
    try {
      while (!raising.isDone()) {
        pursuit.carry(STEP);
      }
    } finally {
      thread.join(); // a fence that is still on its way up could not be lowered
    }
    long last = outcome(raising);
    course.journal().note(Event.FENCED, Map.of("revision", Long.toString(last)));
    return last;
  }

  private long raise() throws IOException, InterruptedException {
    fence.raise();
    return source.revision();
  }

  private static long outcome(Future<Long> raised) throws IOException, InterruptedException {
    try {
      return raised.get();
    } catch (ExecutionException e) {
      Throwables.throwIfInstanceOf(e.getCause(), IOException.class);
      Throwables.throwIfInstanceOf(e.getCause(), InterruptedException.class);
      Throwables.throwIfUnchecked(e.getCause());
      throw new IllegalStateException("the fence could not be raised", e.getCause());
    }
  }

  private void align() throws InterruptedException {
    sink.compact(new CompactionProbe(source).compactRevision());
    sink.alignLeases(source.leases());
  }

  private void prove(long last) throws IOException, InterruptedException {
    Finding finding = comparison.keysStandingAt(last);
    requireEqual(finding);
    requireStandstill(last);
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

  private static void requireEqual(Finding finding) {
    if (!finding.equal()) {
      throw new LodestoneException(
          "source and destination differ at revision "
              + finding.revision()
              + " in "
              + finding.keys().size()
              + " or more keys, the first being "
              + finding.keys().get(0).toStringUtf8(),
          "give this destination up and seed another one; the source takes writes");
    }
  }

  private void requireStandstill(long last) {
    long head = source.revision();
    if (head != last) {
      throw new LodestoneException(
          "the source went on to revision " + head + " behind its fence, which was at " + last,
          "stop all writers, and leases that expire, or let the source be fenced: --fence alarm");
    }
    long reached = destination.revision();
    if (reached != last) {
      throw new LodestoneException(
          "the destination is at revision "
              + reached
              + " where the source ended at "
              + last
              + ": somebody else wrote to it",
          "the source takes writes again; give this destination up and seed another one");
    }
  }
}
