package io.lodestone.etcdfile.db;

import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** Publishing files and directories so that a crash leaves either all of them or nothing. */
public final class DurableFiles {
  private DurableFiles() {}

  /** Fails where something is at {@code target} already. */
  public static void requireAbsent(Path target) {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new LodestoneException(
          target + " exists already", "choose another path, or move what is there out of the way");
    }
  }

  /**
   * Gives {@code temporary}, whose content is on disk, its final name beside it. When this returns,
   * the name is on disk too.
   */
  public static void publish(Path temporary, Path target) throws IOException {
    requireAbsent(target);
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(parent(target));
  }

  /** When this returns, the names in {@code directory} are on disk. */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Deletes {@code directory}, where it exists, with everything in it. */
  public static void deleteTree(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> tree = Files.walk(directory)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  /** The directory that holds {@code path}. */
  public static Path parent(Path path) {
    Path absolute = path.toAbsolutePath();
    Path parent = absolute.getParent();
    return parent == null ? absolute : parent;
  }
}
