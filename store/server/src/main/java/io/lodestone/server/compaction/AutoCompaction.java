package io.lodestone.server.compaction;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.server.config.CompactionConfig.Keep;
import io.lodestone.server.config.CompactionConfig.Period;
import io.lodestone.server.config.CompactionConfig.Revisions;
import io.lodestone.server.proposal.Submissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proposes compactions as etcd's compactor does. By revisions: every five minutes everything more
 * than so many revisions old. By time: the revision is noted ten times in each period of at most an
 * hour, and once a note is old enough, everything before it goes. Confined to the timer thread.
 */
public final class AutoCompaction {
  private static final Logger log = LoggerFactory.getLogger(AutoCompaction.class);
  private static final Duration REVISION_INTERVAL = Duration.ofMinutes(5);
  private static final Duration LONGEST_PERIOD = Duration.ofHours(1);
  private static final int NOTES_PER_PERIOD = 10;

  private final Keep keep;
  private final Submissions submissions;
  private final LongSupplier revision;
  private final Deque<Long> notes = new ArrayDeque<>();
  private long compacted;
  private int ticks;

  /** {@code revision} tells the store's main revision now. */
  public AutoCompaction(Keep keep, Submissions submissions, LongSupplier revision) {
    this.keep = keep;
    this.submissions = submissions;
    this.revision = revision;
  }

  /** How often {@link #tick} wants to be called. */
  public Duration interval() {
    return keep instanceof Period period
        ? shorter(period.length(), LONGEST_PERIOD).dividedBy(NOTES_PER_PERIOD)
        : REVISION_INTERVAL;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  public void tick() {
    if (keep instanceof Period period) {
      tick(period);
    } else if (keep instanceof Revisions revisions) {
      compact(revision.getAsLong() - revisions.count());
    }
  }

  /** Notes are one interval apart; the oldest one is a whole period old once there are enough. */
  private void tick(Period period) {
    notes.addLast(revision.getAsLong());
    long enough = period.length().dividedBy(interval());
    if (notes.size() <= enough) {
      return;
    }
    long oldest = notes.removeFirst();
    if (++ticks % NOTES_PER_PERIOD == 1) {
      compact(oldest);
    }
  }

  private void compact(long upTo) {
    if (upTo <= 0 || upTo == compacted) {
      return;
    }
    var request = CompactionRequest.newBuilder().setRevision(upTo);
    var unused =
        submissions
            .submitAsLeader(InternalRaftRequest.newBuilder().setCompaction(request))
            .whenComplete((response, failure) -> tell(upTo, failure));
    compacted = upTo;
  }

  private static void tell(long upTo, Throwable failure) {
    if (failure == null || isCompacted(failure)) {
      log.atInfo().addKeyValue("revision", upTo).log("completed auto compaction");
    } else {
      log.atWarn().addKeyValue("revision", upTo).setCause(failure).log("failed auto compaction");
    }
  }

  /** Somebody else was quicker. */
  private static boolean isCompacted(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof StoreException refused && refused.code() == ErrorCode.COMPACTED;
  }
}
