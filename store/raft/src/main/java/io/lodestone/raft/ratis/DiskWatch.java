package io.lodestone.raft.ratis;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a leader whose disk takes nothing step down, so that members whose disks do can go on: its
 * followers, who still hear its heartbeats, would never elect another. Confined to the timer.
 */
final class DiskWatch {
  private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);

  private final Division division;
  private final Membership membership;
  private final Duration patience;
  private long written = -1;
  private long sinceNanos;

  /** Steps down where nothing that waits got to the disk for {@code patience}. */
  DiskWatch(Division division, Membership membership, Duration patience) {
    this.division = division;
    this.membership = membership;
    this.patience = patience;
  }

  /** To be called regularly; {@code now} is by {@link System#nanoTime}. */
  void look(long now) {
    long writtenNow = division.writtenIndex();
    boolean waits = division.leads() && division.lastIndex() > writtenNow;
    if (!waits || writtenNow != written) {
      written = writtenNow;
      sinceNanos = now;
    } else if (now - sinceNanos > patience.toNanos()) {
      sinceNanos = now;
      // Before it is told: what is told may go to the disk that hangs.
      membership.stepDown();
      LOG.atError()
          .addKeyValue("waitedSeconds", patience.toSeconds())
          .addKeyValue("hint", "look at the disk of the data directory; another member will lead")
          .log("the disk takes no more of the log; this leader steps down");
    }
  }
}
