package io.lodestone.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a migration keeps its journal. */
final class MigrationDirOption {
  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "default.migration",
      description =
          "where the migration keeps its journal and what is on its way; default: default.migration")
  private Path path = Path.of("default.migration");

  Path path() {
    return path;
  }
}
