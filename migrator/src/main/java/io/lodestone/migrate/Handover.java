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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Makes sure that both sides are equal, before the fence and behind it. Where anything goes wrong,
 * the caller lowers the fence again, at once.
 */
final class Handover {
  private static final int REHEARSALS = 3;

  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final LockstepSink sink;
  private final ClusterComparison comparison;
  private final Course course;

  Handover(
      EtcdConnection source,
      EtcdConnection destination,
      LockstepSink sink,
      ClusterComparison comparison,
      Course course) {
    this.source = source;
    this.destination = destination;
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

  /** Fails, with {@code hint}, where users or roles are not those of the source. */
  void requireSameUsers(String hint) {
    List<String> differences = comparison.users();
    if (!differences.isEmpty()) {
      throw new LodestoneException(
          "users and roles are not those of the source any more: " + String.join(", ", differences),
          hint);
    }
  }

  /**
   * When this returns, the destination is the equal of the source, which stands at {@code last}.
   */
  void prove(long last) throws IOException, InterruptedException {
    course.enter(Phase.ALIGN);
    align();
    course.enter(Phase.CONSISTENCY_CHECK);
    compare(last);
    course.heedRequests();
  }

  private void align() throws InterruptedException {
    sink.compact(new CompactionProbe(source).compactRevision());
    sink.alignLeases(source.leases());
  }

  private void compare(long last) throws IOException, InterruptedException {
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
