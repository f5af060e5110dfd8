package io.lodestone.mvcc.stream;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.leasepb.Lease;
import io.lodestone.mvcc.keyspace.AuthItems;
import io.lodestone.mvcc.keyspace.AuthKeys;
import io.lodestone.mvcc.keyspace.LeaseKeys;
import io.lodestone.mvcc.members.MemberChange;
import io.lodestone.mvcc.members.MemberTable;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.revisions.LeasePolicy;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.SideState;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The side state that a stream told last, to be written as rows when the stream is complete.
 * Confined to one thread.
 */
final class BesideRows {
  private final TreeMap<LeaseId, LeaseState> leases = new TreeMap<>();
  private final List<SideState> others = new ArrayList<>();
  private Compaction compaction = Compaction.NEVER;

  /** The newest; {@code finished} is what the base said. */
  Compaction compaction() {
    return compaction;
  }

  void accept(SideState state) {
    if (state instanceof Compaction next) {
      boolean first = compaction.equals(Compaction.NEVER);
      compaction = first ? next : new Compaction(next.scheduled(), compaction.finished());
    } else if (state instanceof LeaseState lease) {
      leases.put(lease.id(), lease);
    } else if (state instanceof LeaseGone gone) {
      leases.remove(gone.id());
    } else {
      others.add(state);
    }
  }

  void writeTo(Mutations rows, LeasePolicy policy) {
    leases.values().forEach(lease -> write(lease, policy, rows));
    others.forEach(state -> write(state, rows));
  }

  private static void write(LeaseState lease, LeasePolicy policy, Mutations rows) {
    Lease row =
        Lease.newBuilder()
            .setID(lease.id().value())
            .setTTL(lease.grantedTtlSeconds())
            .setRemainingTTL(policy.remainingSeconds(lease))
            .build();
    rows.put(Family.LEASE, LeaseKeys.id(lease.id().value()), row.toByteString());
  }

  private static void write(SideState state, Mutations rows) {
    if (AuthItems.isOne(state)) {
      AuthItems.write(
          state, (bucket, key, value) -> rows.put(Family.AUTH, AuthKeys.of(bucket, key), value));
    } else if (state instanceof AlarmState alarm) {
      rows.put(Family.ALARM, alarm.alarm().toByteString(), ByteString.EMPTY);
    } else if (state instanceof MemberState member) {
      new MemberTable().apply(new MemberChange.Present(member.member()), rows::put);
    }
  }
}
