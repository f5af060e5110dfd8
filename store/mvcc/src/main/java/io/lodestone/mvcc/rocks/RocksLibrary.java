package io.lodestone.mvcc.rocks;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads RocksDB's native library out of its jar. RocksDB by itself unpacks it anew at each start,
 * into the temporary directory, and deletes it when the process ends; each one that is killed
 * leaves 17 MB behind. Here it is deleted as soon as it is loaded, or kept for later starts where
 * {@link #KEEP} names a directory. Thread-safe.
 */
final class RocksLibrary {
  /** A system property: where to keep what was unpacked. Without it, nothing is kept. */
  static final String KEEP = "lodestone.native";

  private static final Logger LOG = LoggerFactory.getLogger(RocksLibrary.class);

  @GuardedBy("RocksLibrary.class")
  private static boolean loaded;

  private RocksLibrary() {}

  /** Fails with a hint where the system does not take the library. */
  static synchronized void load() throws IOException {
    if (loaded) {
      return;
    }
    Optional<Packed> packed = Packed.find();
    if (packed.isEmpty()) {
      RocksDB.loadLibrary();
    } else {
      load(packed.get(), Optional.ofNullable(System.getProperty(KEEP)).map(Path::of));
    }
    loaded = true;
  }

  private static void load(Packed packed, Optional<Path> keep) throws IOException {
    Optional<Path> kept = keep.flatMap(directory -> packed.kept(directory));
    if (kept.isPresent()) {
      loadFrom(kept.get());
      return;
    }
    Path passing = Files.createTempDirectory("lodestone-rocksdb");
    Path file = passing.resolve(Packed.FILE);
    try {
      packed.unpack(file);
      loadFrom(passing);
    } finally {
      discard(file);
      discard(passing);
    }
  }

  private static void loadFrom(Path directory) {
    try {
      RocksDB.loadLibrary(List.of(directory.toString()));
    } catch (UnsatisfiedLinkError e) {
      throw new LodestoneException(
          "the system does not take RocksDB's library: " + e.getMessage(),
          "where the directory is mounted noexec, name another with -Djava.io.tmpdir=DIR",
          e);
    }
  }

  /** Not every system deletes what is in use. */
  private static void discard(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.atDebug().setCause(e).addArgument(path).log("{} is deleted at the end");
      path.toFile().deleteOnExit();
    }
  }

  /** The library for this system, in RocksDB's jar. */
  record Packed(URL resource, long sizeBytes, long crc) {
    /** As RocksDB looks for it in a directory. */
    static final String FILE = Environment.getJniLibraryFileName("rocksdbjni");

    /** Empty where RocksDB is not in a jar, or its jar has none for this system by this name. */
    static Optional<Packed> find() throws IOException {
      String name = Environment.getJniLibraryFileName("rocksdb");
      URL resource = RocksDB.class.getClassLoader().getResource(name);
      URLConnection connection = resource == null ? null : resource.openConnection();
      if (!(connection instanceof JarURLConnection jar)) {
        return Optional.empty();
      }
      JarEntry entry = jar.getJarEntry();
      return Optional.of(new Packed(resource, entry.getSize(), entry.getCrc()));
    }

    /**
     * The directory below {@code directory} where it is unpacked, now or by an earlier process;
     * empty where that cannot be written.
     */
    Optional<Path> kept(Path directory) {
      Path own = directory.resolve(String.format("rocksdb-%08x", crc));
      Path file = own.resolve(FILE);
      try {
        if (!Files.exists(file) || Files.size(file) != sizeBytes) {
          Files.createDirectories(own);
          // Not a temporary file, which nobody else may read.
          Path partial = own.resolve(FILE + "." + ProcessHandle.current().pid());
          try {
            unpack(partial);
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
          } finally {
            Files.deleteIfExists(partial);
          }
        }
        return Files.isReadable(file) ? Optional.of(own) : Optional.empty();
      } catch (IOException e) {
        LOG.atDebug().setCause(e).addArgument(own).log("nothing is kept in {}");
        return Optional.empty();
      }
    }

    /** When this returns, it is on disk. */
    void unpack(Path file) throws IOException {
      try (InputStream in = resource.openStream();
          FileChannel out =
              FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        in.transferTo(Channels.newOutputStream(out));
        out.force(true);
      }
    }
  }
}
