package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.objects.ForwardingStore;
import io.lodestone.repository.objects.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store whose sealed objects, once they were read whole, stay in a directory: who reads them
 * again, also after a crash, gets them from there. Each file is held against the hash at its end
 * before it is used; whatever does not fit, and whatever was kept of another store, is fetched
 * anew. Where the directory takes no more, reads go on without it.
 *
 * <p>One process at a time works in a directory. Nothing is synced: what a loss of power spoils,
 * the hash tells. Thread-safe; an object is read by one thread at a time.
 */
public final class KeptObjects extends ForwardingStore {
  private static final Logger LOG = LoggerFactory.getLogger(KeptObjects.class);
  private static final String SUFFIX = ".object";
  private static final String STORE = "store";
  private static final String PART_SUFFIX = ".part";
  private static final String LOCK = "lock";
  private static final int PIECE_BYTES = 1 << 16;

  private final Path directory;
  private final FileChannel locked;
  private volatile boolean full;

  private KeptObjects(ObjectStore store, Path directory, FileChannel locked) {
    super(store);
    this.directory = directory;
    this.locked = locked;
  }

  /**
   * Keeps what is read of {@code store}, which is closed with this one, in {@code directory}; makes
   * that where it is missing, its parent must exist. A LodestoneException where another process
   * uses it.
   */
  public static KeptObjects in(Path directory, ObjectStore store) throws IOException {
    if (Files.notExists(directory)) {
      Files.createDirectory(directory);
    }
    FileChannel channel =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean opened = false;
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new LodestoneException(
            "another restore works in " + directory, "let it end, or choose another target");
      }
      KeptObjects kept = new KeptObjects(store, directory, channel);
      kept.dropWhatIsNotOurs();
      opened = true;
      return kept;
    } finally {
      if (!opened) {
        channel.close();
      }
    }
  }

  /** What was half fetched, and all of another store. */
  private void dropWhatIsNotOurs() throws IOException {
    Path named = directory.resolve(STORE);
    boolean same = Files.exists(named) && Files.readString(named).equals(location());
    for (Path file : files()) {
      String name = file.getFileName().toString();
      boolean whole = name.endsWith(SUFFIX);
      if (!name.equals(LOCK) && !(same && (whole || name.equals(STORE)))) {
        Files.delete(file);
      }
    }
    Files.writeString(named, location());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.toList();
    }
  }

  @Override
  public InputStream read(String name, long offset, long length) throws IOException {
    boolean whole = offset == 0 && length > SealedObject.MAX_BYTES;
    return whole && !full ? kept(name, length) : super.read(name, offset, length);
  }

  private InputStream kept(String name, long length) throws IOException {
    Path file = directory.resolve(name.replace('/', '+') + SUFFIX);
    if (Files.exists(file)) {
      if (endsWithItsHash(file)) {
        return Files.newInputStream(file);
      }
      LOG.atWarn().addKeyValue("object", name).log("what was kept of it is damaged; fetching anew");
      Files.delete(file);
    }
    return fetched(name, file, length) ? Files.newInputStream(file) : super.read(name, 0, length);
  }

  /** False where it cannot be kept, or is not what it says it is, which its reader has to see. */
  private boolean fetched(String name, Path file, long length) throws IOException {
    Path part = directory.resolve(file.getFileName() + PART_SUFFIX);
    try (InputStream in = super.read(name, 0, length)) {
      if (!write(in, part) || !endsWithItsHash(part)) {
        return false;
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Failures of {@code in} are thrown; false where the directory takes no more. */
  private boolean write(InputStream in, Path part) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    try (FileChannel out =
        FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        if (!append(out, ByteBuffer.wrap(piece, 0, count))) {
          return false;
        }
      }
      return true;
    }
  }

  private boolean append(FileChannel out, ByteBuffer piece) {
    try {
      while (piece.hasRemaining()) {
        int unused = out.write(piece);
      }
      return true;
    } catch (IOException e) {
      full = true;
      LOG.atWarn()
          .setCause(e)
          .addKeyValue("directory", directory)
          .log("cannot keep what is read; going on without");
      return false;
    }
  }

  private static boolean endsWithItsHash(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return SealedObject.endsWithItsHash(in, Files.size(file));
    }
  }

  /** The work is done: what was kept is not needed any more. Only closing may follow. */
  public void drop() throws IOException {
    for (Path file : files()) {
      if (!file.getFileName().toString().equals(LOCK)) {
        Files.delete(file);
      }
    }
  }

  /** Leaves what was kept for the next one, or nothing where there is none. */
  @Override
  public void close() {
    super.close();
    try (locked) {
      boolean empty =
          files().stream().noneMatch(file -> file.getFileName().toString().endsWith(SUFFIX));
      if (empty) {
        drop();
        Files.delete(directory.resolve(LOCK));
        Files.delete(directory);
      }
    } catch (IOException e) {
      LOG.atWarn().setCause(e).addKeyValue("directory", directory).log("cannot be cleared");
    }
  }
}
