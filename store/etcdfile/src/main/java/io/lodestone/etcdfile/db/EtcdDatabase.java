package io.lodestone.etcdfile.db;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.UnsupportedFormatException;
import io.lodestone.etcdfile.bolt.BoltBucket;
import io.lodestone.etcdfile.bolt.BoltCursor;
import io.lodestone.etcdfile.bolt.BoltFile;
import io.lodestone.etcdfile.bolt.BoltWriter;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.SideState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * etcd's database as etcd understands it: the buckets of a {@link BoltFile}. Reads a snapshot file
 * or the {@code db} of a stopped member, of etcd 3.4 to 3.6. Thread-safe; memory does not depend on
 * the file's size.
 */
public final class EtcdDatabase implements AutoCloseable {
  private final Path path;
  private final BoltFile file;

  private EtcdDatabase(Path path, BoltFile file) {
    this.path = path;
    this.file = file;
  }

  /** Fails with {@link UnsupportedFormatException} where the file is bbolt but not etcd's. */
  public static EtcdDatabase open(Path path) throws IOException {
    BoltFile file = BoltFile.open(path);
    try {
      EtcdDatabase database = new EtcdDatabase(path, file);
      database.requireKeyBucket();
      return database;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void requireKeyBucket() throws IOException {
    if (bucket(EtcdBucket.KEY).isEmpty()) {
      throw new UnsupportedFormatException(
          path + " is a bbolt database without a bucket \"key\"",
          "it does not come from an etcd v3 member; check the path");
    }
  }

  /** The pages below. */
  public BoltFile file() {
    return file;
  }

  /** All rows, re-readable for as long as this database is open. */
  public RowScan rows() {
    return visitor -> {
      ItemReader<RevisionRecord> reader = rowsFrom(0);
      Optional<RevisionRecord> row = reader.next();
      while (row.isPresent() && visitor.row(row.get())) {
        row = reader.next();
      }
    };
  }

  /** The rows whose main revision is at least {@code main}. */
  public ItemReader<RevisionRecord> rowsFrom(long main) throws IOException {
    BoltCursor cursor = requiredBucket(EtcdBucket.KEY).cursor();
    if (main > 0) {
      cursor.seek(RowKeys.of(main));
    }
    return new RowCursor(cursor);
  }

  /**
   * The store's revision: that of the last row, or of a compaction behind it; 1 for a store that
   * was never written to.
   */
  public long revision() throws IOException {
    return Math.max(lastRowRevision(), compaction().scheduled());
  }

  /** The main revision of the last row, 1 without rows: what {@code snapshot status} prints. */
  long lastRowRevision() throws IOException {
    BoltCursor cursor = requiredBucket(EtcdBucket.KEY).cursor();
    return cursor.last() ? RowCursor.rowAt(cursor).main() : 1;
  }

  public Compaction compaction() throws IOException {
    long finished = metaRevision(EtcdBucket.FINISHED_COMPACTION);
    long scheduled = metaRevision(EtcdBucket.SCHEDULED_COMPACTION);
    return new Compaction(Math.max(finished, scheduled), finished);
  }

  /**
   * This database told as a base, and then the compaction that it has scheduled but certainly not
   * begun, if there is one: so the base can be cut at any revision behind the compaction before.
   */
  public ItemReader<StreamItem> base(BaseStart start, ItemReader<SideState> sideState)
      throws IOException {
    Compaction compaction = compaction();
    boolean pending =
        compaction.scheduled() > compaction.finished() && holdsAllBehindFinishedCompaction();
    Compaction ofBase =
        pending ? new Compaction(compaction.finished(), compaction.finished()) : compaction;
    return ItemReader.concat(
        List.of(
            ItemReader.of(List.of(start, ofBase)),
            sideState,
            rowsFrom(0),
            ItemReader.of(List.of(new Complete(revision(), start.capturedAt()))),
            ItemReader.of(pending ? List.of(compaction) : List.of())));
  }

  /**
   * Whether all rows behind the finished compaction are certainly there although a later one is
   * scheduled. True for files this build has written and nobody has opened for writing since; etcd
   * may have been stopped in the middle of removing rows.
   */
  private boolean holdsAllBehindFinishedCompaction() throws IOException {
    return file.txid() == BoltWriter.FRESH_TXID
        && requiredBucket(EtcdBucket.KEY).sequence() == DatabaseDraft.INTACT_HISTORY;
  }

  /** The raft index of the last entry applied to this database; 0 where none is recorded. */
  public long consistentIndex() throws IOException {
    return metaNumber(EtcdBucket.CONSISTENT_INDEX);
  }

  /** The raft term of that entry; 0 before etcd 3.5. */
  public long term() throws IOException {
    return metaNumber(EtcdBucket.TERM);
  }

  /** What the cluster had agreed on, for example {@code 3.5.0}; empty where none is recorded. */
  public Optional<String> clusterVersion() throws IOException {
    return get(EtcdBucket.CLUSTER, EtcdBucket.CLUSTER_VERSION).map(ByteString::toStringUtf8);
  }

  /** Leases, auth, users, roles, alarms and members, in this order. */
  public ItemReader<SideState> sideState() throws IOException {
    return ItemReader.concat(List.of(leases(), sideStateBesidesLeases()));
  }

  public ItemReader<SideState> leases() throws IOException {
    return new SideStateReader(this).leases();
  }

  /** Auth, users, roles, alarms and members, in this order. */
  public ItemReader<SideState> sideStateBesidesLeases() throws IOException {
    SideStateReader reader = new SideStateReader(this);
    return ItemReader.concat(
        List.of(reader.auth(), reader.users(), reader.roles(), reader.alarms(), reader.members()));
  }

  /** The bucket's entries; none where the bucket is missing. */
  Optional<BoltCursor> cursor(EtcdBucket bucket) throws IOException {
    return bucket(bucket).map(BoltBucket::cursor);
  }

  Optional<ByteString> get(EtcdBucket bucket, ByteString key) throws IOException {
    Optional<BoltBucket> found = bucket(bucket);
    return found.isEmpty() ? Optional.empty() : found.get().get(key);
  }

  CorruptDataException corrupt(EtcdBucket bucket, String what) {
    return new CorruptDataException(
        path + ": bucket " + bucket.bucketName() + " " + what,
        "the database is damaged; use another copy or another member's");
  }

  private long metaRevision(ByteString name) throws IOException {
    Optional<ByteString> value = get(EtcdBucket.META, name);
    if (value.isEmpty()) {
      return -1;
    }
    return RowKeys.main(value.get())
        .orElseThrow(
            () -> corrupt(EtcdBucket.META, "has a malformed revision " + name.toStringUtf8()));
  }

  private long metaNumber(ByteString name) throws IOException {
    Optional<ByteString> value = get(EtcdBucket.META, name);
    if (value.isEmpty()) {
      return 0;
    }
    if (value.get().size() != Long.BYTES) {
      throw corrupt(EtcdBucket.META, "has a malformed number " + name.toStringUtf8());
    }
    return value.get().asReadOnlyByteBuffer().getLong();
  }

  private BoltBucket requiredBucket(EtcdBucket bucket) throws IOException {
    return bucket(bucket).orElseThrow(() -> corrupt(bucket, "is missing"));
  }

  private Optional<BoltBucket> bucket(EtcdBucket bucket) throws IOException {
    return file.root().bucket(bucket.nameBytes());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
