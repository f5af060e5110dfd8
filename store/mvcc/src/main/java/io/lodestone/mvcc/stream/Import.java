package io.lodestone.mvcc.stream;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.mvcc.compaction.FinishedMark;
import io.lodestone.mvcc.keyspace.Bounds;
import io.lodestone.mvcc.keyspace.Format;
import io.lodestone.mvcc.keyspace.Head;
import io.lodestone.mvcc.keyspace.IndexKeys;
import io.lodestone.mvcc.keyspace.IntactMark;
import io.lodestone.mvcc.keyspace.LeaseKeys;
import io.lodestone.mvcc.keyspace.NewestKeys;
import io.lodestone.mvcc.keyspace.PastKeys;
import io.lodestone.mvcc.keyspace.RowKeys;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.rocks.Cursor;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.RocksSettings;
import io.lodestone.mvcc.rocks.RocksStore;
import io.lodestone.mvcc.rocks.SortedLoad;
import io.lodestone.mvcc.rocks.UnsortedLoad;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * A store being filled with rows as they were. The history comes in order and goes straight into
 * table files; heads and index are sorted run by run, and go into such files too, since nothing
 * counts before the end. Confined to one thread.
 */
final class Import implements AutoCloseable {
  private static final int BATCH_BYTES = 1 << 20;

  /** Of what the cache may take, a run of heads and one of the index do; there are two of each. */
  private static final long HEADS_SHARE = 4;

  private static final long INDEX_SHARE = 12;

  private final RocksStore store;
  private final SortedLoad history;
  private final UnsortedLoad heads;
  private final UnsortedLoad index;
  private final Mutations batch;
  private boolean usesLeases;

  Import(Path directory, RocksSettings settings) throws IOException {
    store = RocksStore.open(directory, settings);
    history = store.sortedLoad(Family.REVISIONS);
    heads = unsorted(Family.HEAD, settings.cacheBytes() / HEADS_SHARE);
    index = unsorted(Family.INDEX, settings.cacheBytes() / INDEX_SHARE);
    batch = store.newMutations();
  }

  private UnsortedLoad unsorted(Family family, long runBytes) {
    return store.unsortedLoad(family, Math.toIntExact(runBytes));
  }

  void add(RevisionRecord row) throws IOException {
    history.put(row.rowKey(), row.value());
    ByteString key = row.key();
    if (key.isEmpty()) {
      return;
    }
    ByteString indexKey = IndexKeys.of(key, row.main(), row.revision().sub());
    if (row.tombstone()) {
      index.put(indexKey, IndexKeys.TOMBSTONE);
      heads.delete(key);
    } else {
      Head head = Head.ofRow(row.value(), row.revision().sub());
      usesLeases |= head.lease() != 0;
      index.put(indexKey, ByteString.EMPTY);
      heads.put(key, head.stored());
    }
  }

  private void writeIfLarge() throws IOException {
    if (batch.sizeBytes() >= BATCH_BYTES) {
      write();
    }
  }

  private void write() throws IOException {
    if (!batch.isEmpty()) {
      store.writeUnlogged(batch);
      batch.clear();
    }
  }

  /**
   * When this returns, the store is whole and on disk, as of main revision {@code complete}; rows
   * behind it are gone. With a bump, it goes on behind an empty row at the revision bumped to, and
   * everything before is compacted when an engine opens it.
   */
  void finish(long complete, boolean torn, BesideRows beside, CopyRules rules) throws IOException {
    history.finish();
    heads.finish();
    index.finish();
    if (torn) {
      cutBehind(complete);
    }
    attachLeases();
    beside.writeTo(batch, rules.leases());
    FinishedMark.write(batch, beside.compaction().finished());
    Format.mark(batch);
    IntactMark.set(batch);
    standing(complete, beside, rules).writeTo(batch);
    write();
    store.flush();
  }

  private Standing standing(long complete, BesideRows beside, CopyRules rules) {
    if (rules.bumpRevisions() == 0) {
      return new Standing(0, 0, complete, beside.compaction().scheduled());
    }
    long bumped = Math.addExact(complete, rules.bumpRevisions());
    RevisionRecord jump = new RevisionRecord(new Revision(bumped, 0), false, ByteString.EMPTY);
    batch.put(Family.REVISIONS, jump.rowKey(), jump.value());
    return new Standing(0, 0, bumped, bumped);
  }

  /** Takes back the changes of a revision that never came to its end. */
  private void cutBehind(long complete) throws IOException {
    Set<ByteString> keys = new HashSet<>();
    try (Cursor rows = store.latest().from(Family.REVISIONS, RowKeys.firstOf(complete + 1))) {
      while (rows.next()) {
        RevisionRecord row = RevisionRecord.ofRow(rows.key(), rows.value());
        batch.delete(Family.REVISIONS, rows.key());
        batch.delete(Family.INDEX, IndexKeys.of(row.key(), row.main(), row.revision().sub()));
        keys.add(row.key());
        writeIfLarge();
      }
    }
    PastKeys past = new PastKeys(store.latest(), complete);
    for (ByteString key : keys) {
      past.get(key)
          .ifPresentOrElse(
              head -> batch.put(Family.HEAD, key, head.stored()),
              () -> batch.delete(Family.HEAD, key));
      writeIfLarge();
    }
    write();
  }

  private void attachLeases() throws IOException {
    if (!usesLeases) {
      return;
    }
    Mutations attached = batch;
    new NewestKeys(store.latest())
        .scan(
            new Bounds(ByteString.EMPTY, ByteString.EMPTY),
            head -> {
              if (head.lease() != 0) {
                attached.put(
                    Family.LEASE_KEYS, LeaseKeys.of(head.lease(), head.key()), ByteString.EMPTY);
              }
            });
    write();
  }

  @Override
  public void close() throws IOException {
    try (store;
        index;
        heads;
        history) {
      // All are closed, the store last.
    }
  }
}
