package io.lodestone.mvcc.stream;

import io.lodestone.api.LodestoneException;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.rocks.RocksSettings;
import io.lodestone.mvcc.rocks.RocksStore;
import io.lodestone.mvcc.rocks.RocksView;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The data directory of an engine that is not running, as a source: a base and no tail. Nothing in
 * it is changed; a compaction that waits there goes on waiting. Thread-safe; one stream at a time,
 * since a stream holds the directory.
 */
public final class StoreSource implements RevisionSource {
  private static final RocksSettings SETTINGS = new RocksSettings(64 << 20);

  private final Path directory;

  public StoreSource(Path directory) {
    this.directory = directory;
  }

  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new LodestoneException(
          "there is no store in " + directory, "name the data directory of a store");
    }
    Instant at = Files.getLastModifiedTime(directory).toInstant();
    RocksStore store = RocksStore.open(directory, SETTINGS);
    try {
      return new Stream(store, new BaseStart(Origin.UNKNOWN, at, reason));
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** A directory at rest knows no history of its own: this is a base again. */
  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    return openAtBase(Reason.INITIAL);
  }

  private static final class Stream implements RevisionStream {
    private final RocksStore store;
    private final RocksView rows;
    private final Deque<StreamItem> first;
    private final Deque<StreamItem> behind;
    private final RecordReader records;
    private boolean closed;

    Stream(RocksStore store, BaseStart start) {
      this.store = store;
      this.rows = store.view();
      this.first = new ArrayDeque<>(BaseItems.of(start, rows));
      this.behind = new ArrayDeque<>(BaseItems.behind(rows));
      this.records = RecordReader.base(rows, Standing.read(rows).revision(), start.capturedAt());
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
        rows.release();
        store.close();
      }
    }
  }
}
