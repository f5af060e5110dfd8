package io.lodestone.migrate;

import io.lodestone.client.EtcdConnection;
import io.lodestone.client.lockstep.ForgeCost;
import io.lodestone.client.lockstep.ForgeListener;
import io.lodestone.migrate.journal.JournalEntry.Event;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells how a base is forged, and heeds what others ask meanwhile. */
final class ForgeProgress implements ForgeListener {
  private static final Logger log = LoggerFactory.getLogger(ForgeProgress.class);
  private static final long TELL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final double NANOS = 1e9;

  private final EtcdConnection destination;
  private final boolean wholeHistory;
  private final Course course;
  private long begunNanos;
  private long toldNanos;
  private long begunAt = -1;

  /**
   * @param wholeHistory whether the destination gets all it has by forging
   */
  ForgeProgress(EtcdConnection destination, boolean wholeHistory, Course course) {
    this.destination = destination;
    this.wholeHistory = wholeHistory;
    this.course = course;
  }

  @Override
  public void begins(ForgeCost cost) throws IOException {
    log.atInfo()
        .addKeyValue("transactions", cost.transactions())
        .addKeyValue("inOrder", cost.ordered())
        .addKeyValue("estimatedSeconds", cost.estimate().toSeconds())
        .log("the destination gets the source's state by forged revisions");
    if (wholeHistory) {
      course
          .journal()
          .record(Event.FORGING, Map.of("destination", Long.toHexString(destination.clusterId())));
    }
    begunAt = -1;
  }

  @Override
  public void at(long revision, long target) throws IOException {
    course.heedRequests();
    long now = System.nanoTime();
    if (begunAt < 0) {
      begunAt = revision;
      begunNanos = now;
      toldNanos = now;
    }
    if (now - toldNanos >= TELL_NANOS) {
      toldNanos = now;
      course.tell(status(revision, target, now));
    }
  }

  private MigrationStatus status(long revision, long target, long now) {
    double rate = (revision - begunAt) * NANOS / Math.max(1, now - begunNanos);
    return new MigrationStatus(Instant.now(), course.phase(), target, revision, rate, 0, 0, false);
  }
}
