package io.lodestone.cli;

import io.lodestone.repository.WriterSettings;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --compression-level}: how hard to try to make objects smaller. */
final class CompressionOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--compression-level",
      paramLabel = "N",
      defaultValue = "1",
      description = "zstd's, 1 (fastest) to 19 (smallest); default: 1")
  private int level;

  WriterSettings applyTo(WriterSettings settings) {
    if (level < 1 || level > WriterSettings.MAX_LEVEL) {
      throw new ParameterException(
          command.commandLine(),
          "--compression-level " + level + " is not between 1 and " + WriterSettings.MAX_LEVEL);
    }
    return settings.withCompressionLevel(level);
  }
}
