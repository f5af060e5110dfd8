package io.lodestone.migrate;

import io.lodestone.api.authpb.Role;
import io.lodestone.etcdfile.db.DurableFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** What roles were before they were changed, in a file of delimited {@code authpb.Role}s. */
record RevokedRoles(Path file) {

  /** When this returns, {@code roles} are on disk. */
  void remember(List<Role> roles) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      OutputStream out = Channels.newOutputStream(channel);
      for (Role role : roles) {
        role.writeDelimitedTo(out);
      }
      channel.force(true);
    }
    Files.deleteIfExists(file);
    DurableFiles.publish(temporary, file);
  }

  /** None where none were. */
  List<Role> remembered() throws IOException {
    List<Role> roles = new ArrayList<>();
    if (Files.exists(file)) {
      try (InputStream in = Files.newInputStream(file)) {
        for (Role role = Role.parseDelimitedFrom(in);
            role != null;
            role = Role.parseDelimitedFrom(in)) {
          roles.add(role);
        }
      }
    }
    return roles;
  }

  void forget() throws IOException {
    Files.deleteIfExists(file);
  }
}
