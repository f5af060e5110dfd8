package io.lodestone.cli;

import io.lodestone.migrate.Migration;
import io.lodestone.migrate.MigrationDirectory;
import io.lodestone.migrate.MigrationOptions;
import io.lodestone.migrate.MigrationReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code migrate cutover}: from the fence to the open destination. */
@Command(
    name = "cutover",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Stops writes on the source, repeats the last of them, proves that both sides are equal, and runs the command",
      "that sends the clients over. Asks the running migrate run to do so, or does it itself where none runs.",
      "Where anything goes wrong before the proof, the source takes writes again."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone migrate cutover --config migration.yaml")
final class MigrateCutoverCommand implements Callable<Integer> {
  @Mixin private final MigrationSettings settings = new MigrationSettings();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    MigrationOptions options = settings.toOptions(true);
    try (MigrationProgress progress = new MigrationProgress()) {
      new Migration(options, progress).cutOver();
    }
    output.print(
        MigrateStatusCommand.report(
            MigrationReport.of(new MigrationDirectory(options.directory()).entries())));
    return ExitCodes.DONE;
  }
}
