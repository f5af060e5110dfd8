package io.lodestone.etcdfile.wal;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.Metadata;
import io.lodestone.api.raftpb.ConfChange;
import io.lodestone.api.raftpb.ConfChangeType;
import io.lodestone.api.raftpb.ConfState;
import io.lodestone.api.raftpb.Entry;
import io.lodestone.api.raftpb.EntryType;
import io.lodestone.api.raftpb.HardState;
import io.lodestone.api.raftpb.SnapshotMetadata;
import io.lodestone.api.walpb.Snapshot;
import io.lodestone.etcdfile.db.MemberJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The raft log of a cluster that has just agreed on its members: for each member of n one
 * configuration change, all committed in term 1, and a snapshot behind them at index n. Immutable.
 */
public final class FreshLog {
  /** The term of everything in a fresh log. */
  public static final long TERM = 1;

  public static final String WAL_FILE = "0000000000000000-0000000000000000.wal";

  private final long clusterId;
  private final List<Member> members;

  /** Takes the members with their ids and peer URLs, sorted by id as unsigned numbers. */
  public FreshLog(long clusterId, List<Member> members) {
    this.clusterId = clusterId;
    this.members = List.copyOf(members);
  }

  /** The log index of the snapshot, up to which everything counts as applied. */
  public long index() {
    return members.size();
  }

  public String snapshotFile() {
    return String.format("%016x-%016x.snap", TERM, index());
  }

  /** The WAL file of one member; only the metadata record differs between members. */
  public byte[] wal(long memberId) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writeWal(new WalWriter(bytes), memberId);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  private void writeWal(WalWriter wal, long memberId) throws IOException {
    wal.write(
        RecordType.METADATA,
        Metadata.newBuilder().setNodeID(memberId).setClusterID(clusterId).build());
    wal.write(RecordType.SNAPSHOT, Snapshot.newBuilder().setIndex(0).setTerm(0).build());
    for (int i = 0; i < members.size(); i++) {
      wal.write(RecordType.ENTRY, additionOf(members.get(i), i + 1));
    }
    wal.write(
        RecordType.STATE,
        HardState.newBuilder()
            .setTerm(TERM)
            .setVote(members.get(0).getID())
            .setCommit(index())
            .build());
    wal.write(
        RecordType.SNAPSHOT,
        Snapshot.newBuilder().setIndex(index()).setTerm(TERM).setConfState(confState()).build());
  }

  private static Entry additionOf(Member member, long index) {
    ConfChange change =
        ConfChange.newBuilder()
            .setId(0)
            .setType(ConfChangeType.ConfChangeAddNode)
            .setNodeId(member.getID())
            .setContext(ByteString.copyFromUtf8(MemberJson.encode(member)))
            .build();
    return Entry.newBuilder()
        .setType(EntryType.EntryConfChange)
        .setTerm(TERM)
        .setIndex(index)
        .setData(change.toByteString())
        .build();
  }

  private ConfState confState() {
    ConfState.Builder state = ConfState.newBuilder().setAutoLeave(false);
    members.forEach(member -> state.addVoters(member.getID()));
    return state.build();
  }

  /**
   * The .snap file: the same for all members. Its data is the v2 store, where 3.4 reads members.
   */
  public byte[] snapshot() {
    io.lodestone.api.raftpb.Snapshot raft =
        io.lodestone.api.raftpb.Snapshot.newBuilder()
            .setData(ByteString.copyFromUtf8(V2Store.json(members)))
            .setMetadata(
                SnapshotMetadata.newBuilder()
                    .setConfState(confState())
                    .setIndex(index())
                    .setTerm(TERM))
            .build();
    byte[] data = raft.toByteArray();
    CRC32C crc = new CRC32C();
    crc.update(data);
    return io.lodestone.api.snappb.Snapshot.newBuilder()
        .setCrc((int) crc.getValue())
        .setData(ByteString.copyFrom(data))
        .build()
        .toByteArray();
  }
}
