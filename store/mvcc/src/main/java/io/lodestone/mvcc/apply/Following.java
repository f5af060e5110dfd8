package io.lodestone.mvcc.apply;

import com.google.protobuf.ByteString;
import io.lodestone.api.leasepb.Lease;
import io.lodestone.mvcc.keyspace.AuthItems;
import io.lodestone.mvcc.keyspace.Head;
import io.lodestone.mvcc.keyspace.LeaseKeys;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.lease.LeaseTable;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import java.util.List;

/**
 * Applies what another store's stream tells behind its base: rows as they are there, with their
 * revisions, versions and leases; nothing is decided here.
 */
public final class Following {
  private final Draft draft;
  private final LeaseTable leases;
  private final RowWriter rows;

  public Following(Draft draft, LeaseTable leases) {
    this.draft = draft;
    this.leases = leases;
    this.rows = new RowWriter(draft);
  }

  /**
   * Items of a tail that end at a {@link Complete} or behind it: whole revisions. All together
   * count as one entry of a log. Users and roles, where there are any, are all of them: they take
   * the place of those before.
   */
  public void apply(List<StreamItem> items) {
    if (items.stream().anyMatch(AuthItems::isOne)) {
      forgetUsers();
    }
    items.forEach(this::apply);
    Standing standing = draft.standing();
    draft.advanceTo(standing.applied(standing.appliedIndex() + 1, standing.appliedTerm()));
  }

  private void apply(StreamItem item) {
    if (item instanceof RevisionRecord row) {
      apply(row);
    } else if (item instanceof Complete mark) {
      draft.advanceTo(draft.standing().atRevision(mark.revision()));
    } else if (item instanceof Compaction compaction) {
      compact(compaction.scheduled());
    } else if (item instanceof LeaseState lease) {
      store(lease);
    } else if (item instanceof LeaseGone gone) {
      draft.delete(Family.LEASE, LeaseKeys.id(gone.id().value()));
      leases.remove(gone.id().value());
    } else if (AuthItems.isOne(item)) {
      AuthItems.write(item, draft::put);
    } else {
      throw new IllegalArgumentException("not of a tail: " + item);
    }
  }

  private void forgetUsers() {
    try (Cursor rows = draft.settled().from(Family.AUTH, ByteString.EMPTY)) {
      while (rows.next()) {
        draft.delete(Family.AUTH, rows.key());
      }
    }
  }

  private void apply(RevisionRecord row) {
    if (row.main() != draft.revision() + 1) {
      throw new IllegalArgumentException(
          "revision " + row.main() + " does not follow " + draft.revision());
    }
    ByteString key = row.key();
    if (row.tombstone()) {
      rows.delete(row.revision(), key, draft.head(key));
    } else {
      Head head = Head.ofRow(row.value(), row.revision().sub());
      rows.put(head, draft.head(key));
    }
  }

  /** What a base has told already is told again behind it. */
  private void compact(long revision) {
    if (revision > draft.standing().compactRevision()) {
      draft.compacted(revision);
    }
  }

  private void store(LeaseState state) {
    Lease lease =
        Lease.newBuilder()
            .setID(state.id().value())
            .setTTL(state.grantedTtlSeconds())
            .setRemainingTTL(state.remainingTtlSeconds())
            .build();
    leases.put(lease);
    draft.put(Family.LEASE, LeaseKeys.id(lease.getID()), lease.toByteString());
  }
}
