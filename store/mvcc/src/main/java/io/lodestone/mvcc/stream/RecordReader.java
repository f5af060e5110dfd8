package io.lodestone.mvcc.stream;

import io.lodestone.mvcc.keyspace.RowKeys;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Rows;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import java.time.Instant;
import java.util.Optional;

/**
 * Rows from one revision on, told as records. In a tail each revision is closed by its mark; a base
 * has one mark, at its end. Confined to one thread.
 */
final class RecordReader implements AutoCloseable {
  private final Cursor cursor;
  private final boolean marksEach;
  private final long first;
  private final long last;
  private final Instant at;
  private Optional<RevisionRecord> pending = Optional.empty();
  private long current;
  private boolean ended;

  private RecordReader(Rows rows, long from, boolean marksEach, long last, Instant at) {
    this.cursor = rows.from(Family.REVISIONS, RowKeys.firstOf(from));
    this.marksEach = marksEach;
    this.first = from;
    this.last = last;
    this.at = at;
    this.current = from - 1;
  }

  /** All rows, then the mark of {@code last}. */
  static RecordReader base(Rows rows, long last, Instant at) {
    return new RecordReader(rows, 0, false, last, at);
  }

  /** The rows behind {@code after}, up to revision {@code last}, each revision with its mark. */
  static RecordReader tail(Rows rows, long after, long last, Instant at) {
    return new RecordReader(rows, after + 1, true, last, at);
  }

  /** Empty at the end. */
  Optional<StreamItem> next() {
    if (pending.isPresent()) {
      StreamItem record = pending.get();
      pending = Optional.empty();
      return Optional.of(record);
    }
    if (!cursor.next()) {
      return finish();
    }
    RevisionRecord record = RevisionRecord.ofRow(cursor.key(), cursor.value());
    boolean begins = marksEach && record.main() > current && current >= first;
    long before = current;
    current = record.main();
    if (begins) {
      pending = Optional.of(record);
      return Optional.of(new Complete(before, at));
    }
    return Optional.of(record);
  }

  private Optional<StreamItem> finish() {
    if (ended) {
      return Optional.empty();
    }
    ended = true;
    return Optional.of(new Complete(last, at));
  }

  @Override
  public void close() {
    cursor.close();
  }
}
