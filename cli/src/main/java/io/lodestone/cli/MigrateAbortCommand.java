package io.lodestone.cli;

import io.lodestone.migrate.Migration;
import io.lodestone.migrate.MigrationDirectory;
import io.lodestone.migrate.MigrationListener;
import io.lodestone.migrate.MigrationOptions;
import io.lodestone.migrate.MigrationReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code migrate abort}: gives a migration up. */
@Command(
    name = "abort",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Gives a migration up before its cutover: the source takes writes again, if it was fenced. The destination and",
      "its data stay where they are, to be stopped and removed by hand. Asks the running migrate run first."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone migrate abort --config migration.yaml")
final class MigrateAbortCommand implements Callable<Integer> {
  @Mixin private final MigrationSettings settings = new MigrationSettings();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    MigrationOptions options = settings.toOptions(false);
    new Migration(options, MigrationListener.SILENT).abort();
    output.print(
        MigrateStatusCommand.report(
            MigrationReport.of(new MigrationDirectory(options.directory()).entries())));
    return ExitCodes.DONE;
  }
}
