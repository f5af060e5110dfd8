package io.lodestone.mvcc.apply;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.mvcc.keyspace.Head;
import io.lodestone.mvcc.keyspace.IndexKeys;
import io.lodestone.mvcc.keyspace.KeyValues;
import io.lodestone.mvcc.keyspace.LeaseKeys;
import io.lodestone.mvcc.keyspace.RowKeys;
import io.lodestone.mvcc.log.Change;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.revisions.RevisionRecord;
import java.util.Optional;

/** One change of one key, in every family that knows of it. */
final class RowWriter {
  private final Draft draft;

  RowWriter(Draft draft) {
    this.draft = draft;
  }

  /** {@code head} is what {@code previous} becomes; it says itself at which revision. */
  void put(Head head, Optional<Head> previous) {
    long main = head.metadata().getModRevision();
    draft.put(Family.REVISIONS, RowKeys.of(main, head.sub(), false), head.row());
    draft.put(Family.INDEX, IndexKeys.of(head.key(), main, head.sub()), ByteString.EMPTY);
    draft.putHead(head);
    attach(head, previous);
    draft.changed(new Change(head.record(), previous.map(Head::record)));
  }

  private void attach(Head head, Optional<Head> previous) {
    long before = previous.map(Head::lease).orElse(0L);
    if (before == head.lease()) {
      return;
    }
    if (before != 0) {
      draft.delete(Family.LEASE_KEYS, LeaseKeys.of(before, head.key()));
    }
    if (head.lease() != 0) {
      draft.put(Family.LEASE_KEYS, LeaseKeys.of(head.lease(), head.key()), ByteString.EMPTY);
    }
  }

  void delete(Revision at, ByteString key, Optional<Head> previous) {
    ByteString row = KeyValues.tombstone(key);
    draft.put(Family.REVISIONS, RowKeys.of(at.main(), at.sub(), true), row);
    draft.put(Family.INDEX, IndexKeys.of(key, at.main(), at.sub()), IndexKeys.TOMBSTONE);
    draft.deleteHead(key);
    previous
        .filter(head -> head.lease() != 0)
        .ifPresent(head -> draft.delete(Family.LEASE_KEYS, LeaseKeys.of(head.lease(), key)));
    RevisionRecord record = new RevisionRecord(at, true, row);
    draft.changed(new Change(record, previous.map(Head::record)));
  }
}
