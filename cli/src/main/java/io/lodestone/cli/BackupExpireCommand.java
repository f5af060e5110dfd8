package io.lodestone.cli;

import io.lodestone.repository.ExpiryPlan;
import io.lodestone.repository.ExpiryReport;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RetentionPolicy;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code backup expire}: deletes what no promise needs. */
@Command(
    name = "expire",
    mixinStandardHelpOptions = true,
    description = {
      "Deletes what is older than what is to be kept. The agent may go on writing meanwhile.",
      "The newest base and all behind it stay in any case, and so do revisions that were marked.",
      "Times are in UTC and counted back from now, or from the end of the log if that is earlier."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone backup expire --repository file:/backups/prod --dry-run \\",
      "      --keep 'any point for 48 h, hourly for 7 d, daily for 30 d, weekly for a year'",
      "  lodestone backup expire --repository file:/backups/prod --keep 'any point for 2 weeks'"
    })
final class BackupExpireCommand implements Callable<Integer> {
  @Mixin private final RepositoryAddress repository = new RepositoryAddress();
  @Mixin private final LineageOption lineage = new LineageOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--keep",
      required = true,
      paramLabel = "WORDS",
      description =
          "what to keep, for example 'any point for 48 h, hourly for 7 d, daily for 30 d, weekly for a year'; "
              + "also: monthly")
  private String keep = "";

  @Option(names = "--dry-run", description = "print the plan, and delete nothing")
  private boolean dryRun;

  @Override
  public Integer call() throws IOException {
    RetentionPolicy policy = RetentionPolicy.parse(keep);
    try (Repository opened = repository.open()) {
      ExpiryPlan plan =
          opened.planExpiry(lineage.choose(opened), policy, Clock.systemUTC().instant());
      Report report = report(plan);
      if (!dryRun) {
        add(report, opened.expire(plan));
      }
      output.print(report);
      return report.isTrue("complete") || dryRun ? ExitCodes.DONE : ExitCodes.FAILED;
    }
  }

  private Report report(ExpiryPlan plan) {
    Report report = new Report().fact("lineage", plan.lineage()).fact("dryRun", dryRun);
    report.fact("countedFrom", plan.countedFrom());
    report.fact("objectsToDelete", plan.objects());
    report.fact("bytesToDelete", new Report.Size(plan.bytes()));
    report.list("promised").list("kept").list("expired");
    plan.points()
        .forEach(
            point ->
                report.row(
                    "promised", "at", point.at(), "by", point.promise(), "base", point.baseSeq()));
    plan.kept()
        .forEach(
            run ->
                report.row(
                    "kept",
                    "firstEntry",
                    run.firstSeq(),
                    "lastEntry",
                    run.lastSeq(),
                    "lastRevision",
                    run.lastRevision(),
                    "from",
                    run.from(),
                    "to",
                    run.to()));
    plan.stale()
        .forEach(
            run ->
                report.row(
                    "expired",
                    "firstEntry",
                    run.firstSeq(),
                    "lastEntry",
                    run.lastSeq(),
                    "objects",
                    run.objects(),
                    "size",
                    new Report.Size(run.bytes())));
    return report;
  }

  private static void add(Report report, ExpiryReport done) {
    report.fact("objectsDeleted", done.objects());
    report.fact("complete", done.refused().isEmpty()).list("refused");
    done.refused()
        .forEach(
            refusal ->
                report.row("refused", "object", refusal.object(), "problem", refusal.message()));
  }
}
