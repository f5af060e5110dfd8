package io.lodestone.cli;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The folders that were made for a target to lie in. Closing takes them back, unless the target is
 * there and they are to be kept. Confined to one thread.
 */
final class TargetFolders implements AutoCloseable {
  /** The deepest first. */
  private final Deque<Path> created = new ArrayDeque<>();

  /** Makes the folder that will hold {@code target}, and those above it, where they are missing. */
  void createFor(Path target) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    Path folder = target.toAbsolutePath().getParent();
    while (folder != null && Files.notExists(folder)) {
      missing.push(folder);
      folder = folder.getParent();
    }
    for (Path next : missing) {
      Files.createDirectory(next);
      created.push(next);
    }
  }

  /** The target is complete: they stay. */
  void keep() {
    created.clear();
  }

  @Override
  public void close() throws IOException {
    while (!created.isEmpty()) {
      try {
        Files.deleteIfExists(created.pop());
      } catch (DirectoryNotEmptyException e) {
        // Somebody else uses it by now, and with it all the folders above.
        created.clear();
      }
    }
  }
}
