package io.lodestone.etcdfile.db;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.bolt.BoltWriter;
import io.lodestone.etcdfile.bolt.BoltWriter.BucketWriter;
import io.lodestone.revisions.BrokenStreamException;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.SideState;
import io.lodestone.revisions.StreamOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * etcd's database being written from a stream of revisions. Rows go to the file as they come; side
 * state is held in memory and written at the end. A new base begins the file anew. Confined to one
 * thread.
 *
 * <p>Nothing the stream's compactions made superfluous is left out: the file says up to where rows
 * have been removed (the base's) and up to where they shall be (the newest), and etcd removes the
 * rest when it boots, as after a crash in the middle of a compaction.
 */
public final class DatabaseDraft implements AutoCloseable {
  /**
   * The sequence of the key bucket in a file that holds every row behind its finished compaction.
   * etcd writes 0 there and does not look at it.
   */
  static final long INTACT_HISTORY = 1;

  private final Path path;
  private final CopyRules rules;
  private final StreamOrder order = StreamOrder.atBase();
  private BoltWriter writer;
  private BucketWriter rows;
  private SideStateRows side = new SideStateRows();
  private long lastRow;
  private int beginnings;

  /** Writes to {@code path}, whose content is replaced. */
  public DatabaseDraft(Path path, CopyRules rules) throws IOException {
    this.path = path;
    this.rules = rules;
    startFile(path);
  }

  /** Takes the next item; see {@link io.lodestone.revisions.RevisionSink#accept}. */
  public void accept(StreamItem item) throws IOException {
    order.advance(item);
    if (item instanceof RevisionRecord row) {
      addRow(row);
    } else if (item instanceof SideState state) {
      side.accept(state);
    } else if (item instanceof BaseStart) {
      writer.close();
      side = new SideStateRows();
      startFile(path);
    }
  }

  /**
   * When this returns, a snapshot file with its trailer, cut behind the stream's last complete
   * revision, is on disk. Returns that revision. The draft cannot be used any more.
   */
  public long finishSnapshot() throws IOException {
    long complete = finishRows();
    writeSideState();
    SideStateRows.writeMembers(bucket(EtcdBucket.MEMBERS), side.members());
    writeMeta(complete, Optional.empty());
    rows.sequence(INTACT_HISTORY);
    writer.finishWithTrailer();
    return complete;
  }

  /** As {@link #finishSnapshot}, but the database of a member, which has no trailer. */
  public long finishMember(RaftIdentity identity) throws IOException {
    long complete = finishRows();
    writeSideState();
    SideStateRows.writeMembers(bucket(EtcdBucket.MEMBERS), identity.members());
    writeMeta(complete, Optional.of(identity));
    rows.sequence(INTACT_HISTORY);
    writer.finish();
    return complete;
  }

  /**
   * How often the file was begun, since a base replaces what was before it. As long as this stays
   * the same, nothing that is in the file changes but {@link BoltWriter#META_BYTES} at its start.
   */
  public int beginnings() {
    return beginnings;
  }

  private void startFile(Path file) throws IOException {
    writer = BoltWriter.create(file);
    for (EtcdBucket bucket : EtcdBucket.values()) {
      bucket(bucket);
    }
    rows = bucket(EtcdBucket.KEY);
    lastRow = 0;
    beginnings++;
  }

  private void addRow(RevisionRecord row) throws IOException {
    rows.put(row.rowKey(), row.value());
    lastRow = row.main();
  }

  private long finishRows() throws IOException {
    long complete = order.completeRevision();
    if (order.inBase() || complete == 0) {
      throw new LodestoneException(
          "the stream ended before its base was complete; nothing was written",
          "read the source again from its beginning");
    }
    if (lastRow > complete) {
      cutBehind(complete);
    }
    if (complete > Math.max(1, Math.max(lastRow, side.compaction().scheduled()))) {
      throw new BrokenStreamException(
          "the stream is complete at revision "
              + complete
              + " but its last record is of "
              + lastRow);
    }
    if (rules.bumpRevisions() > 0) {
      addRow(new RevisionRecord(new Revision(bumped(complete), 0), false, ByteString.EMPTY));
    }
    return complete;
  }

  /** Rare, since streams normally end with a whole revision: copies all rows but the last few. */
  private void cutBehind(long complete) throws IOException {
    writer.finish();
    writer.close();
    Path whole = path.resolveSibling(path.getFileName() + ".uncut");
    Files.move(path, whole, StandardCopyOption.ATOMIC_MOVE);
    startFile(path);
    try (EtcdDatabase database = EtcdDatabase.open(whole)) {
      ItemReader<RevisionRecord> reader = database.rowsFrom(0);
      Optional<RevisionRecord> row = reader.next();
      while (row.isPresent() && row.get().main() <= complete) {
        addRow(row.get());
        row = reader.next();
      }
    } finally {
      Files.delete(whole);
    }
  }

  private void writeSideState() throws IOException {
    side.writeLeases(bucket(EtcdBucket.LEASE), rules.leases());
    side.writeAuth(writer);
  }

  /** The keys of the meta bucket in ascending order. */
  private void writeMeta(long complete, Optional<RaftIdentity> identity) throws IOException {
    BucketWriter meta = bucket(EtcdBucket.META);
    if (identity.isPresent()) {
      meta.put(EtcdBucket.CONF_STATE, confState(identity.get()));
      meta.put(EtcdBucket.CONSISTENT_INDEX, SideStateRows.number(identity.get().consistentIndex()));
    }
    Compaction compaction = side.compaction();
    if (compaction.finished() >= 0) {
      meta.put(EtcdBucket.FINISHED_COMPACTION, RowKeys.of(compaction.finished()));
    }
    long scheduled = rules.bumpRevisions() > 0 ? bumped(complete) : compaction.scheduled();
    if (scheduled >= 0) {
      meta.put(EtcdBucket.SCHEDULED_COMPACTION, RowKeys.of(scheduled));
    }
    if (identity.isPresent()) {
      meta.put(EtcdBucket.TERM, SideStateRows.number(identity.get().term()));
    }
  }

  private long bumped(long complete) {
    return Math.addExact(complete, rules.bumpRevisions());
  }

  private static ByteString confState(RaftIdentity identity) {
    String voters =
        identity.members().stream()
            .map(Member::getID)
            .map(Long::toUnsignedString)
            .collect(Collectors.joining(","));
    return ByteString.copyFromUtf8("{\"voters\":[" + voters + "],\"auto_leave\":false}");
  }

  private BucketWriter bucket(EtcdBucket bucket) {
    return writer.bucket(bucket.bucketName());
  }

  /** Closes the file and leaves it where it is. */
  @Override
  public void close() throws IOException {
    writer.close();
  }
}
