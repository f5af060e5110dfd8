package io.lodestone.revisions.scratch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of one's own that is deleted when it is closed. Where a process is killed before
 * that, its directories stay behind; the next one that makes one in the same place deletes them.
 *
 * <p>Which are left behind is told by a file in each that its owner keeps locked, and that the
 * operating system lets go of when the owner dies. A directory without that file is nobody's whom
 * we know, and stays: also an empty one of a process that died before it had made the file. The
 * name tells which process a directory is of: a process never touches the lock files of its own
 * directories, since closing such a file would let go of the lock.
 *
 * <p>Confined to one thread.
 */
public final class ScratchDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ScratchDirectory.class);
  private static final String LOCK = "lodestone-in-use.lock";

  /** Of this process. */
  private static final String PROCESS =
      HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());

  private final Path path;
  private final FileChannel lock;

  private ScratchDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes a directory in {@code parent}, which is made too where it is absent, after what killed
   * processes have left there is deleted.
   *
   * @param purpose the first part of the name, such as "drill"
   */
  public static ScratchDirectory create(Path parent, String purpose) throws IOException {
    Files.createDirectories(parent);
    deleteAbandoned(parent);
    Path path = Files.createTempDirectory(parent, purpose + "-" + PROCESS + "-");
    // Locked before it has its name, so that no other process finds it unlocked.
    Path unnamed = path.resolve(LOCK + ".new");
    FileChannel lock =
        FileChannel.open(unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      FileLock unused = lock.lock();
      Files.move(unnamed, path.resolve(LOCK), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Some network file systems have no locks: there, what is left behind stays.
      LOG.atDebug().setCause(e).addKeyValue("directory", path).log("cannot be locked");
    }
    return new ScratchDirectory(path, lock);
  }

  private static void deleteAbandoned(Path parent) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, "*-*-*")) {
      for (Path directory : found) {
        boolean ours = directory.getFileName().toString().contains("-" + PROCESS + "-");
        if (!ours && Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
          deleteIfAbandoned(directory);
        }
      }
    }
  }

  /** Whatever is in the way of that must not be in the way of the work. */
  private static void deleteIfAbandoned(Path directory) {
    try (FileChannel channel =
            FileChannel.open(
                directory.resolve(LOCK), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        deleteTree(directory);
        LOG.atInfo()
            .addKeyValue("directory", directory)
            .log("deleted what a process had left behind that was killed");
      }
    } catch (NoSuchFileException e) {
      LOG.atDebug().addKeyValue("directory", directory).log("not one of ours, or gone already");
    } catch (AccessDeniedException e) {
      LOG.atDebug().addKeyValue("directory", directory).log("another user's");
    } catch (IOException | UncheckedIOException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("directory", directory)
          .log("cannot delete what a process had left behind that was killed");
    }
  }

  /** The lock last: who is killed meanwhile leaves what the next one finds. */
  private static void deleteTree(Path directory) throws IOException {
    Path lock = directory.resolve(LOCK);
    try (Stream<Path> tree = Files.walk(directory)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        if (!path.equals(lock) && !path.equals(directory)) {
          Files.deleteIfExists(path);
        }
      }
    }
    Files.deleteIfExists(lock);
    Files.deleteIfExists(directory);
  }

  public Path path() {
    return path;
  }

  /** Deletes it, with everything in it. */
  @Override
  public void close() throws IOException {
    try (lock) {
      if (Files.exists(path)) {
        deleteTree(path);
      }
    }
  }
}
