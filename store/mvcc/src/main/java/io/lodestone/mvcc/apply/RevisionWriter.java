package io.lodestone.mvcc.apply;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.keyspace.Head;
import io.lodestone.mvcc.keyspace.IndexKeys;
import io.lodestone.mvcc.keyspace.KeyValues;
import io.lodestone.mvcc.keyspace.LeaseKeys;
import io.lodestone.mvcc.keyspace.RowKeys;
import io.lodestone.mvcc.log.Change;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.revisions.RevisionRecord;
import java.util.Optional;

/**
 * The changes of one revision, numbered from sub 0. The revision exists once it has a change;
 * {@link #finish} makes it the store's.
 */
final class RevisionWriter {
  private final Draft draft;
  private final long main;
  private long sub;

  RevisionWriter(Draft draft) {
    this.draft = draft;
    this.main = draft.revision() + 1;
  }

  /** What reads within the transaction see: its own revision from the first change on. */
  long visibleRevision() {
    return sub > 0 ? main : main - 1;
  }

  boolean hasChanges() {
    return sub > 0;
  }

  void put(ByteString key, ByteString value, long lease) {
    Optional<Head> previous = draft.head(key);
    KeyValue.Builder next = KeyValue.newBuilder().setKey(key).setValue(value).setLease(lease);
    next.setModRevision(main);
    next.setCreateRevision(previous.map(head -> head.keyValue().getCreateRevision()).orElse(main));
    next.setVersion(previous.map(head -> head.keyValue().getVersion()).orElse(0L) + 1);
    put(Head.of(next.build(), sub), previous);
  }

  private void put(Head head, Optional<Head> previous) {
    draft.put(Family.REVISIONS, RowKeys.of(main, sub, false), head.row());
    draft.put(Family.INDEX, IndexKeys.of(head.key(), main, sub), ByteString.EMPTY);
    draft.putHead(head);
    attach(head, previous);
    draft.changed(new Change(head.record(), previous.map(Head::record)));
    sub++;
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

  void delete(Head head) {
    ByteString key = head.key();
    ByteString row = KeyValues.tombstone(key);
    draft.put(Family.REVISIONS, RowKeys.of(main, sub, true), row);
    draft.put(Family.INDEX, IndexKeys.of(key, main, sub), IndexKeys.TOMBSTONE);
    draft.deleteHead(key);
    if (head.lease() != 0) {
      draft.delete(Family.LEASE_KEYS, LeaseKeys.of(head.lease(), key));
    }
    RevisionRecord record = new RevisionRecord(new Revision(main, sub), true, row);
    draft.changed(new Change(record, Optional.of(head.record())));
    sub++;
  }

  void finish() {
    if (hasChanges()) {
      draft.advanceTo(draft.standing().atRevision(main));
    }
  }
}
