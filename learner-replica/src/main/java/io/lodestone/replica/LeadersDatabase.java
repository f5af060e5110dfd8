package io.lodestone.replica;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.ClusterVersionSetRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.raftpb.SnapshotMetadata;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.log.LogEntry;
import io.lodestone.mvcc.stream.EngineSink;
import io.lodestone.replica.peer.Arrival.Database;
import io.lodestone.replica.raft.Position;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A database that the leader has sent in the place of its log's beginning. */
final class LeadersDatabase {
  private final Path file;
  private final Position end;

  LeadersDatabase(Database database) {
    SnapshotMetadata metadata = database.message().getSnapshot().getMetadata();
    this.file = database.file();
    this.end = new Position(metadata.getIndex(), metadata.getTerm());
  }

  /** The last entry of the log that is in it. */
  Position end() {
    return end;
  }

  /**
   * Makes an engine's directory of it, which stands at {@link #end}: it appears, whole, when this
   * returns.
   *
   * @param clusterVersion which 3.4 does not write into its database
   */
  void writeTo(Path target, EngineOptions options, String clusterVersion)
      throws IOException, InterruptedException {
    requireNothingBehind();
    Path seed = target.resolveSibling(target.getFileName() + ".seed");
    DurableFiles.deleteTree(seed);
    copyTo(seed);
    InternalRaftRequest version =
        InternalRaftRequest.newBuilder()
            .setClusterVersionSet(ClusterVersionSetRequest.newBuilder().setVer(clusterVersion))
            .build();
    try (Engine engine = Engine.open(seed, options)) {
      engine.apply(List.of(new LogEntry(end.index(), end.term(), version)), Durability.SYNCED);
    }
    DurableFiles.publish(seed, target);
  }

  /** A leader sends what it has applied up to the very entry that it names. */
  private void requireNothingBehind() throws IOException {
    try (EtcdDatabase database = EtcdDatabase.open(file)) {
      if (database.consistentIndex() > end.index()) {
        throw new LodestoneException(
            "the leader sent a database that has entry "
                + database.consistentIndex()
                + " of its log, and said that it ends at "
                + end.index(),
            "it is from an unknown etcd: use a newer Lodestone, or --mode watch");
      }
    }
  }

  private void copyTo(Path seed) throws IOException, InterruptedException {
    try (RevisionStream stream = new SnapshotReading(file).openAtBase(Reason.INITIAL);
        EngineSink sink = new EngineSink(seed, CopyRules.EXACT)) {
      for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
        sink.accept(item);
      }
      sink.commit();
    }
  }
}
