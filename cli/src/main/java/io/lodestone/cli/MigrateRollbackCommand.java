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

/** {@code migrate rollback}: takes a cutover back. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Takes a cutover back: the destination is fenced, the source takes writes again, and --rollback-command is run.",
      "With --keep-way-back, what the destination has done meanwhile is repeated on the source first, and proved.",
      "Without it, this is refused once the destination was written to."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone migrate rollback --config migration.yaml")
final class MigrateRollbackCommand implements Callable<Integer> {
  @Mixin private final MigrationSettings settings = new MigrationSettings();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    MigrationOptions options = settings.toOptions(false);
    new Migration(options, MigrationListener.SILENT).rollback();
    output.print(
        MigrateStatusCommand.report(
            MigrationReport.of(new MigrationDirectory(options.directory()).entries())));
    return ExitCodes.DONE;
  }
}
