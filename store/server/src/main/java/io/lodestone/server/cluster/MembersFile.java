package io.lodestone.server.cluster;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.etcdfile.db.MemberJson;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The members of the cluster, and which of them this one is, in a file of the data directory: what
 * a member was when it first started it stays, whatever its flags say later. Lines of text: {@code
 * cluster <hex id>}, {@code local <hex id>}, then {@code <hex id> <member as etcd's JSON>} for
 * each. Confined to one thread at a time.
 */
public final class MembersFile {
  private static final int HEX = 16;
  private static final String CLUSTER = "cluster ";
  private static final String LOCAL = "local ";

  private final Path file;

  public MembersFile(Path file) {
    this.file = file;
  }

  /** What the file says. Immutable. */
  public record Stored(long clusterId, long localId, List<Member> members) {
    public Stored {
      members = List.copyOf(members);
    }
  }

  /** Empty where there is no file yet. */
  public Optional<Stored> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file);
    try {
      return Optional.of(parse(lines));
    } catch (IOException | RuntimeException e) {
      throw new CorruptDataException(
          file + " does not list the members of a cluster",
          "restore the file from a backup; deleting it gives the member a new identity",
          e);
    }
  }

  private static Stored parse(List<String> lines) throws IOException {
    long clusterId = id(lines.get(0), CLUSTER);
    long localId = id(lines.get(1), LOCAL);
    List<Member> members = new ArrayList<>();
    for (String line : lines.subList(2, lines.size())) {
      int space = line.indexOf(' ');
      long memberId = Long.parseUnsignedLong(line.substring(0, space), HEX);
      members.add(MemberJson.decode(memberId, ByteString.copyFromUtf8(line.substring(space + 1))));
    }
    return new Stored(clusterId, localId, members);
  }

  private static long id(String line, String name) {
    if (!line.startsWith(name)) {
      throw new IllegalArgumentException("no line " + name);
    }
    return Long.parseUnsignedLong(line.substring(name.length()), HEX);
  }

  /** When this returns, the file is on disk. */
  public void write(Stored stored) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(CLUSTER + Long.toHexString(stored.clusterId()));
    lines.add(LOCAL + Long.toHexString(stored.localId()));
    stored
        .members()
        .forEach(
            member ->
                lines.add(Long.toHexString(member.getID()) + " " + MemberJson.encode(member)));
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.write(temporary, lines);
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    DurableFiles.syncDirectory(DurableFiles.parent(file));
  }
}
