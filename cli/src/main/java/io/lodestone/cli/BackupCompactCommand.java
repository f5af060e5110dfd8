package io.lodestone.cli;

import io.lodestone.repository.CompactionReport;
import io.lodestone.repository.Levels;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import io.lodestone.repository.WriterSettings;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code backup compact}: few objects instead of many. */
@Command(
    name = "compact",
    mixinStandardHelpOptions = true,
    description = {
      "Merges the log's entries as they age, into entries of 30 s, 5 min and 1 h.",
      "No point in time is lost. The agent may go on writing, and others reading, meanwhile."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone backup compact --repository file:/backups/prod   # from cron")
final class BackupCompactCommand implements Callable<Integer> {
  @Mixin private final RepositoryAddress repository = new RepositoryAddress();
  @Mixin private final LineageOption lineage = new LineageOption();
  @Mixin private final CompressionOption compression = new CompressionOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Repository opened = repository.open()) {
      Lineage chosen = lineage.choose(opened);
      WriterSettings settings = compression.applyTo(WriterSettings.DEFAULT);
      CompactionReport done = opened.compact(chosen, Levels.DEFAULT, settings);
      output.print(
          new Report()
              .fact("lineage", chosen)
              .fact("entriesMerged", done.merged())
              .fact("entriesWritten", done.written())
              .fact("objectsDeleted", done.deleted()));
      return ExitCodes.DONE;
    }
  }
}
