package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import io.lodestone.client.CompactionProbe;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.lockstep.LockstepSink;
import io.lodestone.migrate.compare.ClusterComparison;
import io.lodestone.migrate.compare.Finding;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.revisions.RevisionStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * Keeps the way back open behind a cutover: the source, which is fenced, keeps its leases, and what
 * the destination does is spooled. Whoever takes the way back has it repeated on the source, so
 * that no write is lost. Confined to the migration's thread.
 */
final class WayBack implements AutoCloseable {
  private static final Duration WAIT = Duration.ofMillis(50);

  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final Fence ofSource;
  private final RevisionStream stream;
  private final LockstepSink sink;
  private final ClusterComparison comparison;
  private final Course course;

  /**
   * @param stream the destination's, behind the source's last revision
   * @param sink the source; from its opening on it keeps the source's leases alive
   */
  WayBack(
      EtcdConnection source,
      EtcdConnection destination,
      Fence ofSource,
      RevisionStream stream,
      LockstepSink sink,
      ClusterComparison comparison,
      Course course) {
    this.source = source;
    this.destination = destination;
    this.ofSource = ofSource;
    this.stream = stream;
    this.sink = sink;
    this.comparison = comparison;
    this.course = course;
  }

  /**
   * When this returns, the source is what the destination was, and takes writes; the destination
   * does not. Where it fails, it is the other way round, as before.
   */
  void take() throws IOException, InterruptedException {
    Fence ofDestination = new AlarmFence(destination);
    ofDestination.raise();
    boolean taken = false;
    try {
      long last = destination.revision();
      if (ofSource.stopsReplay()) {
        lowerOfSource();
      }
      repeatUntil(last);
      sink.compact(new CompactionProbe(destination).compactRevision());
      sink.alignLeases(destination.leases());
      requireEqual(comparison.keysStandingAt(last));
      if (!ofSource.stopsReplay()) {
        lowerOfSource();
      }
      taken = true;
    } finally {
      if (!taken) {
        course.journal().record(Event.FENCING, Map.of());
        ofSource.raise();
        ofDestination.lower();
      }
    }
    course.journal().record(Event.ENDED, Map.of("outcome", Outcome.ROLLED_BACK.name()));
  }

  private void lowerOfSource() throws IOException, InterruptedException {
    ofSource.lower();
    course.journal().record(Event.UNFENCED, Map.of());
  }

  private void repeatUntil(long last) throws IOException, InterruptedException {
    Carrier carrier = new Carrier(stream, new Replay(sink));
    while (sink.revision() < last) {
      carrier.carry(WAIT);
    }
  }

  private void requireEqual(Finding finding) {
    if (!finding.equal() || source.revision() != finding.revision()) {
      throw new LodestoneException(
          "the source, with the destination's writes repeated, is not its equal at revision "
              + finding.revision(),
          "stay with the destination; the way back is closed");
    }
  }

  @Override
  public void close() throws IOException {
    try {
      sink.close();
    } finally {
      stream.close();
    }
  }
}
