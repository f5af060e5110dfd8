package io.lodestone.migrate;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.api.LodestoneException;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.migrate.journal.Journal;
import io.lodestone.migrate.journal.JournalEntry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * What a migration keeps on disk, beside the destination's data.
 *
 * <pre>{@code
 * journal            what happened, see docs/formats/migration-journal.md
 * lock               locked by the process that runs the migration
 * status.json        its numbers, as of a moment ago
 * cutover.request    another process asks for the cutover
 * abort.request      another process asks to give up
 * source.db          what a cold migration moves
 * revoked-roles      what roles of the source permitted before its fence
 * hooks.log          what the user's commands printed
 * spool/  work/      changes and snapshots on their way; emptied by the next run
 * }</pre>
 */
public final class MigrationDirectory {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Where changes of the source wait. */
  static final String SPOOL = "spool";

  private final Path path;

  public MigrationDirectory(Path path) {
    this.path = path;
  }

  /** The lock of the one process that may write here. Closing gives it back. */
  interface Hold extends AutoCloseable {
    /** The journal, to be continued; closed on its own, before this. */
    Journal journal() throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Makes the directory where needed, and locks it; empty where another process has. */
  Optional<Hold> tryHold() throws IOException {
    Files.createDirectories(path);
    FileChannel channel =
        FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return Optional.of(new LockedDirectory(channel));
      }
    } catch (OverlappingFileLockException e) {
      channel.close(); // another migration of this very process has it
      return Optional.empty();
    }
    channel.close();
    return Optional.empty();
  }

  Hold hold() throws IOException {
    return tryHold()
        .orElseThrow(
            () ->
                new LodestoneException(
                    "another process runs the migration in " + path,
                    "ask it with lodestone migrate status, cutover or abort"));
  }

  private final class LockedDirectory implements Hold {
    private final FileChannel lock;

    LockedDirectory(FileChannel lock) {
      this.lock = lock;
    }

    @Override
    public Journal journal() throws IOException {
      return Journal.open(path.resolve("journal"), Clock.systemUTC());
    }

    @Override
    public void close() throws IOException {
      lock.close();
    }
  }

  /** What happened so far. Fails where no migration was begun here. */
  public List<JournalEntry> entries() throws IOException {
    List<JournalEntry> entries = entriesIfBegun();
    if (entries.isEmpty()) {
      throw new LodestoneException(
          "no migration was begun in " + path, "name its directory: --dir DIR");
    }
    return entries;
  }

  /** What happened so far; nothing where no migration was begun here. */
  public List<JournalEntry> entriesIfBegun() throws IOException {
    return Journal.read(path.resolve("journal"));
  }

  void ask(Request request) throws IOException {
    Files.write(path.resolve(request.fileName()), new byte[0]);
  }

  boolean isAsked(Request request) {
    return Files.exists(path.resolve(request.fileName()));
  }

  /** Requests of before do not count. */
  void forgetRequests() throws IOException {
    for (Request request : Request.values()) {
      Files.deleteIfExists(path.resolve(request.fileName()));
    }
  }

  Path hooksLog() {
    return path.resolve("hooks.log");
  }

  /** The source of a cold migration, whole or not there. */
  Path coldSource() {
    return path.resolve("source.db");
  }

  RevokedRoles revokedRoles() {
    return new RevokedRoles(path.resolve("revoked-roles"));
  }

  /** An empty directory of this name. */
  Path fresh(String name) throws IOException {
    Path directory = path.resolve(name);
    DurableFiles.deleteTree(directory);
    return Files.createDirectories(directory);
  }

  void write(MigrationStatus status) throws IOException {
    Path temporary = path.resolve("status.json.new");
    JSON.writeValue(temporary.toFile(), status.toMap());
    Files.move(
        temporary,
        path.resolve("status.json"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Bytes on disk of what has come from the source and was not repeated yet; about right. */
  public long spoolBytes() throws IOException {
    Tally tally = new Tally();
    Files.walkFileTree(path.resolve(SPOOL), tally);
    return tally.bytes;
  }

  /** Sums up files, some of which may be deleted meanwhile. */
  private static final class Tally extends SimpleFileVisitor<Path> {
    private long bytes;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      bytes += attributes.size();
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException reason) throws IOException {
      if (!(reason instanceof NoSuchFileException)) {
        throw reason;
      }
      return FileVisitResult.CONTINUE;
    }
  }

  /** The numbers that the running process wrote last. */
  public Optional<MigrationStatus> status() throws IOException {
    try {
      return Optional.of(
          MigrationStatus.of(JSON.readTree(Files.readAllBytes(path.resolve("status.json")))));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // nothing was replayed so far
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
