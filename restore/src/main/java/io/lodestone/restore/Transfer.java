package io.lodestone.restore;

import io.lodestone.api.LeaseId;
import io.lodestone.revisions.CheckedStream;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.UserState;
import io.lodestone.revisions.StreamOrder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/** Moves one stream into one sink, from its base to its end, and counts. Used once. */
public final class Transfer {
  private static final int PROGRESS_EVERY = 1 << 14;

  private final LongConsumer progress;
  private final Set<LeaseId> leases = new HashSet<>();
  private Origin origin = Origin.UNKNOWN;
  private Instant completeAt = Instant.EPOCH;
  private long compactRevision = -1;
  private long records;
  private long bytes;
  private long users;

  /**
   * @param progress told now and then how many records have been moved
   */
  public Transfer(LongConsumer progress) {
    this.progress = progress;
  }

  /**
   * Reads {@code stream} to its end and commits {@code sink}. When this returns, the target is
   * durable. Closes neither.
   */
  public TransferReport run(RevisionStream stream, RevisionSink sink)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    RevisionStream checked = new CheckedStream(stream, StreamOrder.atBase());
    for (StreamItem item = checked.next(); !(item instanceof End); item = checked.next()) {
      sink.accept(item);
      count(item);
    }
    long revision = sink.commit();
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    return new TransferReport(
        origin,
        revision,
        completeAt,
        compactRevision,
        records,
        bytes,
        leases.size(),
        users,
        elapsed);
  }

  private void count(StreamItem item) {
    if (item instanceof RevisionRecord record) {
      bytes += record.value().size();
      if (++records % PROGRESS_EVERY == 0) {
        progress.accept(records);
      }
    } else if (item instanceof BaseStart base) {
      startAgain(base);
    } else if (item instanceof Complete mark) {
      completeAt = mark.at();
    } else if (item instanceof Compaction compaction) {
      compactRevision = compaction.scheduled();
    } else if (item instanceof LeaseState lease) {
      leases.add(lease.id());
    } else if (item instanceof LeaseGone gone) {
      leases.remove(gone.id());
    } else if (item instanceof UserState) {
      users++;
    }
  }

  private void startAgain(BaseStart base) {
    origin = base.origin();
    leases.clear();
    records = 0;
    bytes = 0;
    users = 0;
  }
}
