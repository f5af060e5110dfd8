package io.lodestone.cli;

import io.lodestone.migrate.ColdMigration;
import io.lodestone.migrate.ColdMigration.Moved;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code migrate cold}: from files into a cluster that runs. */
@Command(
    name = "cold",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Moves what a stopped cluster has left (a snapshot file, a member's directory, a repository) into a cluster that",
      "runs and is empty, through its API: every revision keeps its number, one transaction for each. Users and roles",
      "are not taken over. May be killed and run again. Where the destination may be started on new data, use",
      "lodestone restore instead, which is faster and keeps users."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone migrate cold --from-snapshot-file last.db --endpoints 10.0.1.1:2379,10.0.1.2:2379",
      "  lodestone migrate cold --repository s3://backups/prod --to-revision 12345 --endpoints 10.0.1.1:2379"
    })
final class MigrateColdCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @ArgGroup(exclusive = false, heading = "From where%n")
  private final RestoreSource source = new RestoreSource();

  @Mixin private final ClusterOptions destination = new ClusterOptions();
  @Mixin private final MigrationDirOption directory = new MigrationDirOption();
  @Mixin private final LineageOption lineage = new LineageOption();
  @Mixin private final KeysetOption keyset = new KeysetOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--patience",
      paramLabel = "TIME",
      defaultValue = "10m",
      converter = BackupRunCommand.DurationConverter.class,
      description = "how long the destination may be away; default: 10m")
  private Duration patience = Duration.ofMinutes(10);

  @Override
  public Integer call() throws IOException, InterruptedException {
    Optional<String> misuse = source.misuse();
    if (misuse.isPresent()) {
      throw new ParameterException(command.commandLine(), misuse.get());
    }
    Moved moved;
    try (MigrationProgress progress = new MigrationProgress()) {
      moved =
          new ColdMigration(destination.toClientOptions(), directory.path(), patience, progress)
              .run(source.describe(), () -> source.open(lineage, keyset).stream());
    }
    output.print(
        new Report()
            .fact("revision", moved.revision())
            .fact("compactRevision", moved.compactRevision())
            .fact("leases", moved.leases())
            .fact("provedMembers", moved.members()));
    return ExitCodes.DONE;
  }
}
