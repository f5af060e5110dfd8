package io.lodestone.mvcc.apply;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.keyspace.Head;
import java.util.Optional;

/**
 * The changes of one revision, numbered from sub 0. The revision exists once it has a change;
 * {@link #finish} makes it the store's.
 */
final class RevisionWriter {
  private final Draft draft;
  private final RowWriter rows;
  private final long main;
  private long sub;

  RevisionWriter(Draft draft) {
    this.draft = draft;
    this.rows = new RowWriter(draft);
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
    next.setCreateRevision(previous.map(head -> head.metadata().getCreateRevision()).orElse(main));
    next.setVersion(previous.map(head -> head.metadata().getVersion()).orElse(0L) + 1);
    put(Head.of(next.build(), sub), previous);
  }

  private void put(Head head, Optional<Head> previous) {
    rows.put(head, previous);
    sub++;
  }

  void delete(Head head) {
    rows.delete(new Revision(main, sub), head.key(), Optional.of(head));
    sub++;
  }

  void finish() {
    if (hasChanges()) {
      draft.advanceTo(draft.standing().atRevision(main));
    }
  }
}
