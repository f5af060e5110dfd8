package io.lodestone.raft.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.impl.ServerImplUtils;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLogOutputStream;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.util.SizeInBytes;

/**
 * The log that every member of a new cluster begins with: one entry, of term 1, that says who the
 * members are, as etcd's begin. Ratis does not count the vote of a member whose log is empty, since
 * that may be one that lost it; with this entry a member that no leader has reached yet can be told
 * from such a one. Stateless.
 */
final class InitialLog {
  private static final TermIndex FIRST = TermIndex.valueOf(1, 0);

  /** Ratis' name for a segment that begins with entry 0 and is still written to. */
  private static final String SEGMENT = "log_inprogress_0";

  private InitialLog() {}

  /**
   * When this returns, the log is on disk.
   *
   * @param directory of Ratis; what a start that came to no end has left there goes
   * @throws IOException also where there is a log already
   */
  static void write(Path directory, List<RaftPeer> voters) throws IOException {
    if (isUsed(directory.resolve(RaftStorageDirectory.CURRENT_DIR_NAME))) {
      throw new IOException(
          directory.getParent() + " has a log, and no file that says up to where it is applied");
    }
    Directories.delete(directory);
    Path current = format(directory);
    Path segment = current.resolve(SEGMENT);
    LogEntryProto entry = entry(voters);
    int bytes = entry.getSerializedSize() + 2 * Long.BYTES;
    try (SegmentedRaftLogOutputStream out =
        new SegmentedRaftLogOutputStream(
            segment.toFile(), false, bytes, 0, ByteBuffer.allocateDirect(bytes))) {
      out.write(entry);
    }
    Directories.sync(current);
    Directories.sync(directory);
    Directories.sync(directory.getParent());
  }

  /**
   * Whether Ratis has written to the log; its next entry begins a segment, being of a later term.
   */
  private static boolean isUsed(Path current) throws IOException {
    if (!Files.isDirectory(current)) {
      return false;
    }
    try (Stream<Path> files = Files.list(current)) {
      return files
          .map(file -> file.getFileName().toString())
          .anyMatch(name -> name.startsWith("log_") && !name.equals(SEGMENT));
    }
  }

  /** Makes the directory, with the term in which the entry was written; no vote is given in it. */
  private static Path format(Path directory) throws IOException {
    RaftStorage.Builder builder =
        RaftStorage.newBuilder()
            .setDirectory(directory.toFile())
            .setStorageFreeSpaceMin(SizeInBytes.valueOf(0))
            .setOption(RaftStorage.StartupOption.RECOVER);
    try (RaftStorage storage = builder.build()) {
      storage.initialize();
      storage.getMetadataFile().persist(RaftStorageMetadata.valueOf(FIRST.getTerm(), null));
      return storage.getStorageDir().getCurrentDir().toPath();
    }
  }

  /** The same on every member, in whatever order that lists them. */
  private static LogEntryProto entry(List<RaftPeer> voters) {
    List<RaftPeer> sorted =
        voters.stream().sorted(Comparator.comparing(peer -> peer.getId().toString())).toList();
    RaftConfiguration members =
        ServerImplUtils.newRaftConfiguration(
            sorted, List.of(), FIRST.getIndex(), List.of(), List.of());
    return LogProtoUtils.toLogEntryProto(members, FIRST.getTerm(), FIRST.getIndex());
  }
}
