package io.lodestone.cli;

import io.lodestone.migrate.MigrationDirectory;
import io.lodestone.migrate.MigrationReport;
import io.lodestone.migrate.MigrationReport.PhaseTime;
import io.lodestone.migrate.MigrationStatus;
import io.lodestone.migrate.journal.Standing;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code migrate status}: what the journal and the running process tell. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Says where a migration is: its phases with their times, how far the destination is behind, and at what",
      "rate it follows. Asks neither cluster."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone migrate status --dir default.migration --output json")
final class MigrateStatusCommand implements Callable<Integer> {
  @Mixin private final MigrationDirOption directory = new MigrationDirOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException {
    MigrationDirectory opened = new MigrationDirectory(directory.path());
    Report report = report(MigrationReport.of(opened.entries()));
    Optional<MigrationStatus> status = opened.status();
    if (status.isPresent()) {
      add(report, status.get());
    }
    output.print(report);
    return ExitCodes.DONE;
  }

  /** What a journal tells. */
  static Report report(MigrationReport told) {
    Standing standing = told.standing();
    Report report = new Report().fact("source", standing.source().orElse("-"));
    report.fact("phase", standing.phase().map(Enum::name).orElse("-"));
    report.fact("outcome", standing.outcome().map(Enum::name).orElse("-"));
    report.fact("sourceIsFenced", standing.fenced());
    standing.seeded().ifPresent(revision -> report.fact("seededRevision", revision));
    standing.finalRevision().ifPresent(revision -> report.fact("finalRevision", revision));
    told.rehearsedMillis().ifPresent(millis -> report.fact("rehearsedMillis", millis));
    told.proof().ifPresent(proof -> report.fact("proof", proof));
    told.writersWaitedMillis().ifPresent(millis -> report.fact("writersWaitedMillis", millis));
    told.lastFailure().ifPresent(message -> report.fact("lastFailure", message));
    report.list("phases");
    for (PhaseTime phase : told.phases()) {
      report.row(
          "phases", "phase", phase.phase(), "begun", phase.begun(), "millis", phase.millis());
    }
    return report;
  }

  private static void add(Report report, MigrationStatus status) {
    report
        .fact("sourceRevision", status.sourceRevision())
        .fact("destinationRevision", status.destinationRevision())
        .fact("lagRevisions", status.lagRevisions())
        .fact("replayedPerSecond", Math.round(status.replayedPerSecond()))
        .fact("writtenPerSecond", Math.round(status.writtenPerSecond()))
        .fact("fallingBehind", status.fallingBehind())
        .fact("leases", status.leases())
        .fact("asOf", status.at());
    status.secondsToCatchUp().ifPresent(seconds -> report.fact("secondsToCatchUp", seconds));
  }
}
