package io.lodestone.repository.objects;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Objects as files below a directory. An object is written to a temporary file, synced, and then
 * linked (create) or renamed (overwrite) to its name, and the directory is synced: a crash leaves
 * the whole object or none. Temporary files lie in {@value #TEMPORARY} and are never listed.
 * Thread-safe, also between processes on one file system with hard links.
 */
public final class FileObjectStore implements ObjectStore {
  static final String TEMPORARY = ".tmp";

  private final Path root;

  /** The directory is created with the first object. */
  public FileObjectStore(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public String location() {
    return "file:" + root;
  }

  @Override
  public boolean create(String name, ByteString bytes) throws IOException {
    Path target = path(name);
    if (Files.exists(target)) {
      return false;
    }
    Path temporary = writeTemporary(target, bytes);
    try {
      makeDirectory(target.getParent());
      Files.createLink(target, temporary);
      sync(target.getParent());
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException e) {
      throw noLinks(e);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public void overwrite(String name, ByteString bytes) throws IOException {
    Path target = path(name);
    Path temporary = writeTemporary(target, bytes);
    try {
      makeDirectory(target.getParent());
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      sync(target.getParent());
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  @Override
  public InputStream read(String name, long offset, long length) throws IOException {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path(name), StandardOpenOption.READ);
      channel.position(offset);
      return new BoundedStream(Channels.newInputStream(channel), length);
    } catch (NoSuchFileException e) {
      throw new MissingObjectException(location(), name);
    } catch (IOException | RuntimeException e) {
      if (channel != null) {
        channel.close();
      }
      throw e;
    }
  }

  @Override
  public OptionalLong size(String name) throws IOException {
    try {
      return OptionalLong.of(Files.size(path(name)));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public Iterator<StoredObject> list(String prefix, String startAfter) throws IOException {
    return new FileListing(root, prefix, startAfter);
  }

  @Override
  public void delete(String name) throws IOException {
    Path target = path(name);
    if (Files.deleteIfExists(target)) {
      sync(target.getParent());
    }
  }

  @Override
  public void close() {
    // holds nothing open
  }

  private Path path(String name) {
    return root.resolve(ObjectNames.checked(name));
  }

  /** Writes what will become {@code target}. */
  private Path writeTemporary(Path target, ByteString bytes) throws IOException {
    Path directory = root.resolve(TEMPORARY);
    makeDirectory(directory);
    Path temporary = directory.resolve(UUID.randomUUID().toString());
    try (FileChannel channel =
            FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OutputStream out = Channels.newOutputStream(channel)) {
      bytes.writeTo(out);
      channel.force(true);
      return temporary;
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw new IOException("cannot write " + target + ": " + e.getMessage(), e);
    }
  }

  private static void makeDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      makeDirectory(parent);
    }
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw new LodestoneException(
            directory + " is not a directory", "choose another place for the repository", e);
      }
    }
    if (parent != null) {
      sync(parent);
    }
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (FileSystemException e) {
      throw new IOException("cannot sync directory " + directory, e);
    }
  }

  private LodestoneException noLinks(UnsupportedOperationException e) {
    return new LodestoneException(
        "the file system of " + root + " has no hard links, so it cannot keep two writers apart",
        "use a local file system (ext4, xfs, ...) or an S3 bucket",
        e);
  }
}
