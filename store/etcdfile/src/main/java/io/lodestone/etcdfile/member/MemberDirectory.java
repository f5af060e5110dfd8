package io.lodestone.etcdfile.member;

import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.etcdfile.wal.FreshLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * One member's data directory while it is built.
 *
 * <pre>{@code
 * <data dir>/member/snap/db                                     the database
 * <data dir>/member/snap/<term %016x>-<index %016x>.snap        the raft snapshot
 * <data dir>/member/wal/<sequence %016x>-<index %016x>.wal      the raft log
 * }</pre>
 *
 * All directories have mode 0700. Confined to one thread.
 */
final class MemberDirectory {
  private final long memberId;
  private final Path target;
  private final Path partial;

  private MemberDirectory(long memberId, Path target, Path partial) {
    this.memberId = memberId;
    this.target = target;
    this.partial = partial;
  }

  static MemberDirectory prepare(long memberId, Path target) throws IOException {
    Path partial =
        Files.createTempDirectory(DurableFiles.parent(target), target.getFileName() + ".partial-");
    MemberDirectory directory = new MemberDirectory(memberId, target, partial);
    OwnerOnly.createDirectories(List.of(directory.member(), directory.snap(), directory.wal()));
    return directory;
  }

  Path database() {
    return snap().resolve("db");
  }

  void writeLog(FreshLog log) throws IOException {
    write(snap().resolve(log.snapshotFile()), log.snapshot());
    write(wal().resolve(FreshLog.WAL_FILE), log.wal(memberId));
    for (Path directory : List.of(snap(), wal(), member(), partial)) {
      DurableFiles.syncDirectory(directory);
    }
  }

  void publish() throws IOException {
    DurableFiles.publish(partial, target);
  }

  /** Removes what was not published. */
  void discard() throws IOException {
    DurableFiles.deleteTree(partial);
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    } catch (IOException e) {
      throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private Path member() {
    return partial.resolve("member");
  }

  private Path snap() {
    return member().resolve("snap");
  }

  private Path wal() {
    return member().resolve("wal");
  }
}
