package io.lodestone.cli;

import io.lodestone.migrate.Seed;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.server.DataDirectorySink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * The data directory of a store that becomes the destination. Immutable.
 *
 * @param directory names the store's data directory itself
 */
record StoreSeed(Path directory) implements Seed {
  @Override
  public List<Path> targets() {
    return List.of(directory);
  }

  /** The store makes up its id when it first starts. */
  @Override
  public OptionalLong clusterId() {
    return OptionalLong.empty();
  }

  @Override
  public int members() {
    return 1;
  }

  @Override
  public RevisionSink open(CopyRules rules) throws IOException {
    Files.createDirectories(directory.toAbsolutePath().getParent());
    return new DataDirectorySink(directory, rules);
  }
}
