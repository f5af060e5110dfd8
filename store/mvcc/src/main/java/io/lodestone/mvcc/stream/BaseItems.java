package io.lodestone.mvcc.stream;

import io.lodestone.api.LeaseId;
import io.lodestone.api.leasepb.Lease;
import io.lodestone.auth.AuthStore;
import io.lodestone.mvcc.apply.AlarmTable;
import io.lodestone.mvcc.apply.Beside;
import io.lodestone.mvcc.compaction.FinishedMark;
import io.lodestone.mvcc.keyspace.IntactMark;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.lease.LeaseTable;
import io.lodestone.mvcc.members.MemberTable;
import io.lodestone.mvcc.rocks.Rows;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.MemberState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Everything of a base but its records, from rows that do not change.
 *
 * <p>Where an import has left the whole history although a later compaction is accepted, the base
 * goes back to where its own source did, and the compaction follows behind it.
 */
final class BaseItems {
  private static final int LEAST_BCRYPT_COST = 4;

  private BaseItems() {}

  static List<StreamItem> of(BaseStart start, Rows rows) {
    Beside beside =
        new Beside(
            new LeaseTable(() -> 0),
            new AlarmTable(),
            new AuthStore(LEAST_BCRYPT_COST),
            new MemberTable());
    beside.load(rows);
    List<StreamItem> items = new ArrayList<>();
    items.add(start);
    Compaction compaction = compaction(rows);
    items.add(
        isPending(rows)
            ? new Compaction(compaction.finished(), compaction.finished())
            : compaction);
    items.addAll(leases(rows));
    items.addAll(beside.auth().sideState());
    beside.alarms().raised().forEach(alarm -> items.add(new AlarmState(alarm)));
    beside.members().all().forEach(member -> items.add(new MemberState(member)));
    return items;
  }

  /** What follows the base's mark. */
  static List<StreamItem> behind(Rows rows) {
    return isPending(rows) ? List.of(compaction(rows)) : List.of();
  }

  private static boolean isPending(Rows rows) {
    Compaction compaction = compaction(rows);
    return IntactMark.isSet(rows) && compaction.scheduled() > compaction.finished();
  }

  static Compaction compaction(Rows rows) {
    long scheduled = Standing.read(rows).compactRevision();
    return new Compaction(scheduled, Math.min(scheduled, FinishedMark.read(rows)));
  }

  /** In ascending order of their ids. */
  static List<LeaseState> leases(Rows rows) {
    LeaseTable leases = new LeaseTable(() -> 0);
    leases.load(rows);
    return leases.all().stream()
        .map(BaseItems::state)
        .sorted(Comparator.comparing(LeaseState::id))
        .toList();
  }

  private static LeaseState state(Lease lease) {
    return new LeaseState(new LeaseId(lease.getID()), lease.getTTL(), lease.getRemainingTTL());
  }
}
