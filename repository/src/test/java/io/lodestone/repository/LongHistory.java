package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A cluster's life of weeks, as an agent sees it: changes minutes to hours apart, heartbeats, bases
 * every few days, now and then revisions that were compacted before the agent came. The seed
 * decides everything.
 */
final class LongHistory {
  private final Random random;
  private final TreeMap<Revision, RevisionRecord> rows = new TreeMap<>();
  private final Map<ByteString, KeyValue> live = new HashMap<>();
  private long head = 1;
  private Instant now = Instant.parse("2026-01-01T00:17:00Z");

  LongHistory(long seed) {
    this.random = new Random(seed);
  }

  Instant now() {
    return now;
  }

  /** A base, and what comes behind it for a few days. */
  List<StreamItem> nextStretch() {
    int missed = random.nextInt(5) == 0 ? 1 + random.nextInt(4) : 0;
    for (int i = 0; i < missed; i++) {
      pass();
      change();
    }
    List<StreamItem> items = base(missed > 0 ? head : head - random.nextInt(4));
    Instant end = now.plus(Duration.ofHours(1 + random.nextInt(96)));
    while (now.isBefore(end)) {
      pass();
      if (random.nextInt(3) > 0) {
        items.addAll(change());
      }
      items.add(new Complete(head, now));
    }
    pass();
    return items;
  }

  private void pass() {
    now = now.plusSeconds(60L * (1 + random.nextInt(random.nextBoolean() ? 20 : 400)));
  }

  private List<RevisionRecord> change() {
    head++;
    ByteString key = ByteString.copyFromUtf8("key-" + random.nextInt(12));
    KeyValue before = live.get(key);
    boolean delete = before != null && random.nextInt(4) == 0;
    RevisionRecord record =
        delete ? RevisionRecord.delete(new Revision(head, 0), key) : put(key, before);
    if (delete) {
      live.remove(key);
    }
    rows.put(record.revision(), record);
    return List.of(record);
  }

  private RevisionRecord put(ByteString key, KeyValue before) {
    KeyValue next =
        KeyValue.newBuilder()
            .setKey(key)
            .setModRevision(head)
            .setCreateRevision(before == null ? head : before.getCreateRevision())
            .setVersion(before == null ? 1 : before.getVersion() + 1)
            .setValue(ByteString.copyFromUtf8("value-" + random.nextInt()))
            .build();
    live.put(key, next);
    return RevisionRecord.put(new Revision(head, 0), next);
  }

  private List<StreamItem> base(long wanted) {
    long compacted = Math.max(wanted, 1);
    Map<ByteString, Revision> last = new HashMap<>();
    rows.headMap(new Revision(compacted + 1, 0))
        .values()
        .forEach(row -> last.put(row.key(), row.revision()));
    rows.values()
        .removeIf(
            row ->
                row.main() <= compacted
                    && (row.tombstone() || !row.revision().equals(last.get(row.key()))));
    List<StreamItem> items = new ArrayList<>();
    items.add(new BaseStart(new Origin(Histories.CLUSTER, 1, "3.5.30"), now, Reason.REQUESTED));
    items.add(new Compaction(compacted, compacted));
    items.addAll(rows.values());
    items.add(new Complete(head, now));
    return items;
  }
}
