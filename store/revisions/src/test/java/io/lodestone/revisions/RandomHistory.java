package io.lodestone.revisions;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.Revision;
import io.lodestone.api.authpb.Permission;
import io.lodestone.api.authpb.Role;
import io.lodestone.api.authpb.User;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamItem.RoleState;
import io.lodestone.revisions.StreamItem.UserState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A made-up but lawful history of a store: single puts and deletes, transactions of many changes (a
 * key put and then deleted among them), leases, compactions. The seed decides everything.
 */
public final class RandomHistory {
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private final Random random;
  private final TreeMap<Revision, RevisionRecord> rows = new TreeMap<>();
  private final Map<ByteString, KeyValue> live = new HashMap<>();
  private final Map<LeaseId, LeaseState> leases = new HashMap<>();
  private long head = 1;
  private long compacted = -1;

  public RandomHistory(long seed) {
    this.random = new Random(seed);
  }

  /**
   * A base at revision {@code baseRevision} and a tail up to {@code headRevision}, without the
   * {@code End}.
   */
  public List<StreamItem> stream(long baseRevision, long headRevision) {
    advanceTo(baseRevision, new ArrayList<>());
    List<StreamItem> items = new ArrayList<>();
    items.add(new BaseStart(new Origin(0x1234, 0x5678, "3.5.30"), at(head), Reason.INITIAL));
    items.add(new Compaction(compacted, compacted));
    leases.values().stream()
        .sorted(java.util.Comparator.comparing(LeaseState::id))
        .forEach(items::add);
    items.add(new AuthState(true, 7));
    items.add(
        new UserState(
            User.newBuilder()
                .setName(bytes("root"))
                .setPassword(bytes("$2a$10$x"))
                .addRoles("root")
                .build()));
    items.add(new RoleState(role()));
    items.addAll(rows.values());
    items.add(new Complete(head, at(head)));
    advanceTo(headRevision, items);
    return items;
  }

  private static Role role() {
    Permission all =
        Permission.newBuilder().setPermType(Permission.Type.READWRITE).setKey(bytes("a")).build();
    return Role.newBuilder().setName(bytes("root")).addKeyPermission(all).build();
  }

  /** All rows that survive the last compaction of the history so far. */
  public RowScan rows() {
    List<RevisionRecord> all = List.copyOf(rows.values());
    return visitor -> {
      for (RevisionRecord row : all) {
        if (!visitor.row(row)) {
          return;
        }
      }
    };
  }

  public long compacted() {
    return compacted;
  }

  public Map<LeaseId, LeaseState> leases() {
    return Map.copyOf(leases);
  }

  private void advanceTo(long revision, List<StreamItem> items) {
    while (head < revision) {
      if (random.nextInt(10) == 0) {
        changeLeases(items);
      }
      commit(items);
      if (random.nextInt(25) == 0) {
        compact(items);
      }
    }
  }

  private void changeLeases(List<StreamItem> items) {
    if (leases.size() > 3) {
      LeaseId gone = leases.keySet().iterator().next();
      leases.remove(gone);
      items.add(new LeaseGone(gone));
    }
    LeaseState lease =
        new LeaseState(
            new LeaseId(random.nextLong()), 10 + random.nextInt(100), 1 + random.nextInt(9));
    leases.put(lease.id(), lease);
    items.add(lease);
  }

  private void commit(List<StreamItem> items) {
    head++;
    List<RevisionRecord> records = new ArrayList<>();
    int changes = random.nextInt(4) == 0 ? 1 + random.nextInt(20) : 1;
    Set<ByteString> touched = new HashSet<>();
    while (records.size() < changes || records.isEmpty()) {
      ByteString key = bytes("key-" + random.nextInt(40));
      if (touched.add(key)) {
        change(key, records);
      }
    }
    records.forEach(record -> rows.put(record.revision(), record));
    items.addAll(records);
    items.add(new Complete(head, at(head)));
  }

  private void change(ByteString key, List<RevisionRecord> records) {
    boolean delete = live.containsKey(key) && random.nextInt(4) == 0;
    if (!delete) {
      KeyValue value = nextValue(key);
      live.put(key, value);
      records.add(RevisionRecord.put(new Revision(head, records.size()), value));
    }
    if (delete || random.nextInt(30) == 0) {
      live.remove(key);
      records.add(RevisionRecord.delete(new Revision(head, records.size()), key));
    }
  }

  private KeyValue nextValue(ByteString key) {
    KeyValue before = live.getOrDefault(key, KeyValue.getDefaultInstance());
    byte[] value = new byte[random.nextInt(random.nextInt(20) == 0 ? 20_000 : 60)];
    random.nextBytes(value);
    long create = before.getCreateRevision() == 0 ? head : before.getCreateRevision();
    KeyValue.Builder next =
        KeyValue.newBuilder().setKey(key).setCreateRevision(create).setModRevision(head);
    next.setVersion(before.getVersion() + 1).setValue(ByteString.copyFrom(value));
    if (!leases.isEmpty() && random.nextInt(3) == 0) {
      next.setLease(leases.keySet().iterator().next().value());
    }
    return next.build();
  }

  private void compact(List<StreamItem> items) {
    compacted = Math.max(compacted, head - random.nextInt(10));
    Map<ByteString, Revision> last = new HashMap<>();
    rows.headMap(new Revision(compacted + 1, 0))
        .values()
        .forEach(row -> last.put(row.key(), row.revision()));
    rows.values()
        .removeIf(
            row ->
                row.main() <= compacted
                    && (row.tombstone() || !row.revision().equals(last.get(row.key()))));
    items.add(new Compaction(compacted, items.isEmpty() ? compacted : baseFinished(items)));
  }

  private static long baseFinished(List<StreamItem> items) {
    return items.stream()
        .filter(Compaction.class::isInstance)
        .map(Compaction.class::cast)
        .findFirst()
        .map(Compaction::finished)
        .orElse(-1L);
  }

  private static Instant at(long revision) {
    return EPOCH.plusMillis(10 * revision);
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
