package io.lodestone.cli;

import io.lodestone.repository.Proof;
import io.lodestone.repository.Repository;
import io.lodestone.repository.RepositorySource;
import io.lodestone.repository.RestorePlan;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code restore plan}: what a restore out of a repository will read, and how long it may take. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Tells what a restore will read: the base, the tail behind it, objects and bytes; and how long that may",
      "take, by the speed of the last drill. Reads a few headers and lists names."
    },
    footerHeading = "%nExample:%n",
    footer =
        "  lodestone restore plan --repository s3://backups/prod --to-time 2026-11-01T12:00:00Z --output json")
final class RestorePlanCommand implements Callable<Integer> {
  @Mixin private final RepositoryPoint point = new RepositoryPoint();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException {
    try (Repository repository = point.openRepository()) {
      RepositorySource source = point.source(repository);
      output.print(report(source.plan(), repository.lastProof(source.lineage())));
      return ExitCodes.DONE;
    }
  }

  private static Report report(RestorePlan plan, Optional<Proof> proof) {
    Report report =
        new Report()
            .fact("lineage", plan.lineage())
            .fact("revision", plan.revision())
            .fact("baseRevision", plan.baseRevision())
            .fact("baseOf", plan.baseAt())
            .fact("entries", plan.lastSeq() - plan.baseSeq() + 1)
            .fact("objects", plan.objects())
            .fact("bytes", new Report.Size(plan.bytes()));
    proof
        .filter(known -> known.bytes() > 0)
        .ifPresent(
            known ->
                report
                    .fact("estimatedSeconds", known.seconds() * plan.bytes() / known.bytes())
                    .fact("lastProvedRevision", known.revision())
                    .fact("lastProvedAt", known.provedAt()));
    return report;
  }
}
