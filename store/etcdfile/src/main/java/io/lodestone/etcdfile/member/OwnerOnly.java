package io.lodestone.etcdfile.member;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Directories that only their owner may enter, as etcd demands. */
final class OwnerOnly {
  private OwnerOnly() {}

  /**
   * Creates them in the given order; without POSIX permissions the file system's own rule holds.
   */
  static void createDirectories(List<Path> directories) throws IOException {
    for (Path directory : directories) {
      FileStore store = Files.getFileStore(directory.getParent());
      if (store.supportsFileAttributeView("posix")) {
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectory(directory);
      }
    }
  }
}
