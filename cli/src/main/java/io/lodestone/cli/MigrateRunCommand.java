package io.lodestone.cli;

import io.lodestone.migrate.Migration;
import io.lodestone.migrate.MigrationDirectory;
import io.lodestone.migrate.MigrationOptions;
import io.lodestone.migrate.MigrationReport;
import io.lodestone.migrate.metrics.MetricsPort;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code migrate run}: the migration in the foreground. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Begins a migration, or goes on with one that was stopped or killed in any phase: writes the destination's",
      "data, waits until it is started, then follows the source until the cutover is asked for."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone migrate run --config migration.yaml",
      "  lodestone migrate run --endpoints 10.0.0.1:2379 --to-endpoints 10.0.1.1:2379 \\",
      "      --to-initial-cluster m1=http://10.0.1.1:2380 --to-data-dir /srv/new --cutover-when-steady",
      "  lodestone migrate run --config migration.yaml --listen 127.0.0.1:9380"
    })
final class MigrateRunCommand implements Callable<Integer> {
  @ParentCommand private MigrateCommand parent;

  @Mixin private final MigrationSettings settings = new MigrationSettings();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(names = "--cutover-when-steady", description = "go on to the cutover without being asked")
  private boolean cutover;

  @Override
  public Integer call() throws IOException, InterruptedException {
    MigrationOptions options = settings.toOptions(cutover);
    Optional<MetricsPort> metrics = settings.openMetricsPort();
    try (MigrationProgress progress = new MigrationProgress()) {
      Migration migration = new Migration(options, progress);
      parent.onStop(migration::stop);
      migration.run();
    } finally {
      metrics.ifPresent(MetricsPort::close);
    }
    output.print(
        MigrateStatusCommand.report(
            MigrationReport.of(new MigrationDirectory(options.directory()).entries())));
    return ExitCodes.DONE;
  }
}
