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

  private int level = WriterSettings.DEFAULT.compressionLevel();

  @Option(
      names = "--compression-level",
      paramLabel = "N",
      description = "zstd's, 1 (fastest) to 19 (smallest); default: 1")
  private void setLevel(int wanted) {
    if (wanted < 1 || wanted > WriterSettings.MAX_LEVEL) {
      throw new ParameterException(
          command.commandLine(),
          "--compression-level " + wanted + " is not between 1 and " + WriterSettings.MAX_LEVEL);
    }
    level = wanted;
  }

  WriterSettings applyTo(WriterSettings settings) {
    return settings.withCompressionLevel(level);
  }
}
