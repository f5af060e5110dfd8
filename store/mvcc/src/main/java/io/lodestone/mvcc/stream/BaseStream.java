package io.lodestone.mvcc.stream;

import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.rocks.Rows;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.End;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What a store held at one moment, as a base and no tail: keys, leases, users and alarms of the
 * same log index. Never waits. Confined to one thread.
 */
public final class BaseStream implements RevisionStream {
  private final Deque<StreamItem> first;
  private final Deque<StreamItem> behind;
  private final RecordReader records;
  private final Runnable letGo;
  private boolean closed;

  /** Reads {@code view}, which its owner closes after this. */
  public BaseStream(EngineView view, BaseStart start) {
    this(view.stored(), start, () -> {});
  }

  /** Reads {@code rows}, which do not change, until {@code letGo} is called at the end. */
  BaseStream(Rows rows, BaseStart start, Runnable letGo) {
    this.first = new ArrayDeque<>(BaseItems.of(start, rows));
    this.behind = new ArrayDeque<>(BaseItems.behind(rows));
    this.records = RecordReader.base(rows, Standing.read(rows).revision(), start.capturedAt());
    this.letGo = letGo;
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) {
    if (!first.isEmpty()) {
      return Optional.of(first.remove());
    }
    Optional<StreamItem> record = records.next();
    if (record.isPresent()) {
      return record;
    }
    return Optional.of(behind.isEmpty() ? new End() : behind.remove());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      records.close();
      letGo.run();
    }
  }
}
