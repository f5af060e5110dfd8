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

/** {@code migrate finish}: gives the way back up. */
@Command(
    name = "finish",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Says that the way back is not needed any more: the process that keeps it open ends, and the migration is done.",
      "The source stays fenced, and can be switched off."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone migrate finish --config migration.yaml")
final class MigrateFinishCommand implements Callable<Integer> {
  @Mixin private final MigrationSettings settings = new MigrationSettings();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    MigrationOptions options = settings.toOptions(false);
    new Migration(options, MigrationListener.SILENT).finish();
    output.print(
        MigrateStatusCommand.report(
            MigrationReport.of(new MigrationDirectory(options.directory()).entries())));
    return ExitCodes.DONE;
  }
}
