package io.lodestone.client.lockstep;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.lockstep.ForgeSchedule.Stretch;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Carries a {@link ForgePlan} out: makes up a history, one transaction for each revision, that ends
 * at the plan's horizon in what the base says. Used once, confined to the replaying thread.
 */
final class Forging {
  /** Between two looks at whoever wants to stop. */
  private static final long CHUNK = 5_000;

  /** Only the key, the value and the lease of a record become an operation. */
  private static final Revision NOWHERE = new Revision(0, 0);

  private static final long COMPACT_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ForgePlan plan;
  private final ForgeSchedule schedule;
  private final OrderedWrites writes;
  private final PaddedWrites padding;
  private final Sink sink;
  private final Deque<RevisionRecord> lasts = new ArrayDeque<>();
  private long at;
  private long compactedNanos = System.nanoTime();

  /** What the forging asks of the sink that it works for. */
  interface Sink {
    void requireLease(LeaseId lease) throws InterruptedException;

    /** The records of a revision as operations. */
    List<Operation> operations(List<RevisionRecord> records) throws InterruptedException;

    void reached(long revision) throws IOException;

    void compact(long revision) throws InterruptedException;
  }

  Forging(ForgePlan plan, long start, OrderedWrites writes, PaddedWrites padding, Sink sink) {
    this.plan = plan;
    this.schedule = new ForgeSchedule(plan);
    this.writes = writes;
    this.padding = padding;
    this.sink = sink;
    this.at = start;
  }

  /**
   * When this returns, the destination is at the plan's horizon. Reads {@code base} up to there;
   * returns the first item behind.
   */
  StreamItem run(RevisionStream base) throws IOException, InterruptedException {
    StreamItem item = base.next();
    while (!isBehind(item)) {
      if (item instanceof RevisionRecord row && plan.isLast(row)) {
        add(row);
      }
      item = base.next();
    }
    finish();
    return item;
  }

  private boolean isBehind(StreamItem item) {
    return item instanceof Complete
        || (item instanceof RevisionRecord row && row.main() > plan.horizon());
  }

  /** Collects the rows of one revision; the first one of the next sets them off. */
  private void add(RevisionRecord row) throws IOException, InterruptedException {
    if (!lasts.isEmpty() && lasts.getFirst().main() != row.main()) {
      long revision = lasts.getFirst().main();
      advanceTo(revision - 1);
      make(revision, lasts);
      lasts.clear();
    }
    lasts.add(row);
  }

  private void finish() throws IOException, InterruptedException {
    if (!lasts.isEmpty() && lasts.getFirst().main() < plan.horizon()) {
      long revision = lasts.getFirst().main();
      advanceTo(revision - 1);
      make(revision, lasts);
      lasts.clear();
    }
    if (at < plan.horizon()) {
      advanceTo(plan.horizon() - 1);
      make(plan.horizon(), lasts);
    }
  }

  /** Makes all revisions up to {@code limit}, none of which has a row of the base. */
  private void advanceTo(long limit) throws IOException, InterruptedException {
    while (at < limit) {
      long own = schedule.nextOfItsOwn(at);
      if (own == at + 1) {
        make(own, List.of());
      } else {
        pad(Math.min(limit, Math.min(own - 1, at + CHUNK)));
      }
    }
  }

  private void pad(long limit) throws IOException, InterruptedException {
    Stretch stretch = schedule.stretch(at + 1, limit);
    padding.run(at + 1, stretch.to(), stretch.keys());
    reached(stretch.to());
  }

  /** A revision that is like no other: the base's {@code rows} of it, and what else is due. */
  private void make(long revision, Collection<RevisionRecord> rows)
      throws IOException, InterruptedException {
    List<RevisionRecord> records = records(revision, rows);
    for (RevisionRecord record : records) {
      if (!record.tombstone()) {
        sink.requireLease(new LeaseId(record.keyValue().getLease()));
      }
    }
    writes.apply(revision, RevisionTxn.of(revision, records, sink.operations(records)));
    reached(revision);
  }

  private void reached(long revision) throws IOException, InterruptedException {
    at = revision;
    sink.reached(revision);
    if (at < plan.horizon() && System.nanoTime() - compactedNanos > COMPACT_EVERY_NANOS) {
      sink.compact(at);
      compactedNanos = System.nanoTime();
    }
  }

  private List<RevisionRecord> records(long revision, Collection<RevisionRecord> rows) {
    List<RevisionRecord> records = new ArrayList<>();
    Deque<ByteString> deleted = new ArrayDeque<>(schedule.deletions(revision));
    Deque<ByteString> put = new ArrayDeque<>(schedule.creations(revision));
    put.addAll(schedule.fillings(revision));
    for (RevisionRecord row : rows) {
      while (records.size() < row.revision().sub()) {
        records.add(anyOf(deleted, put).orElseGet(() -> filler(records.size())));
      }
      records.add(row);
    }
    for (Optional<RevisionRecord> more = anyOf(deleted, put);
        more.isPresent();
        more = anyOf(deleted, put)) {
      records.add(more.get());
    }
    if (revision == plan.horizon()) {
      removePads(records);
    }
    return Collections.unmodifiableList(records);
  }

  private static Optional<RevisionRecord> anyOf(Deque<ByteString> deleted, Deque<ByteString> put) {
    if (!deleted.isEmpty()) {
      return Optional.of(RevisionRecord.delete(NOWHERE, deleted.removeFirst()));
    }
    return put.isEmpty() ? Optional.empty() : Optional.of(emptyPut(put.removeFirst()));
  }

  private static RevisionRecord emptyPut(ByteString key) {
    return RevisionRecord.put(NOWHERE, KeyValue.newBuilder().setKey(key).build());
  }

  private RevisionRecord filler(int place) {
    ByteString key = plan.pads().filler(place);
    plan.pads().putAt(key);
    return emptyPut(key);
  }

  /** At the horizon nothing of our own may be left; a revision without a change is none. */
  private void removePads(List<RevisionRecord> records) {
    if (records.isEmpty() && plan.pads().live().isEmpty()) {
      ByteString pad = plan.pads().pad();
      records.add(emptyPut(pad));
      plan.pads().putAt(pad);
    }
    plan.pads().live().forEach(key -> records.add(RevisionRecord.delete(NOWHERE, key)));
  }
}
