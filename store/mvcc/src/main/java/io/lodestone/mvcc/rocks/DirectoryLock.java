package io.lodestone.mvcc.rocks;

import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a data directory to one process; the operating system lets go of it if the process dies.
 */
public final class DirectoryLock implements AutoCloseable {
  private static final String FILE = "lodestone.lock";

  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Fails with a hint where another process, or this one, holds it; makes the directory. */
  public static DirectoryLock take(Path directory) throws IOException {
    Files.createDirectories(directory);
    FileChannel channel =
        FileChannel.open(
            directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new DirectoryLock(channel);
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw held(directory, e);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw held(directory, null);
  }

  private static LodestoneException held(Path directory, OverlappingFileLockException cause) {
    return new LodestoneException(
        "the data directory " + directory + " is in use by another store",
        "stop the process that holds it, or give this one a directory of its own",
        cause);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
