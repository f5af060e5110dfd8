package io.lodestone.cli;

import io.lodestone.repository.Description;
import io.lodestone.repository.Description.BaseDescription;
import io.lodestone.repository.Description.LineageDescription;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code backup list}: every history in a repository and its bases. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the clusters whose histories a repository holds, and the bases of each.",
    footerHeading = "%nExample:%n",
    footer = "  lodestone backup list --repository file:/backups/prod --output json")
final class BackupListCommand implements Callable<Integer> {
  @Mixin private final OutputOption output = new OutputOption();

  @Mixin private final RepositoryAddress repository = new RepositoryAddress();

  @Override
  public Integer call() throws IOException {
    try (Repository opened = repository.open()) {
      Description description = opened.describe();
      Report report = new Report().fact("repository", description.location()).list("bases");
      for (LineageDescription lineage : description.lineages()) {
        lineage.bases().forEach(base -> add(report, lineage, base));
      }
      output.print(report);
      return ExitCodes.DONE;
    }
  }

  private static void add(Report report, LineageDescription lineage, BaseDescription base) {
    report.row(
        "bases",
        "lineage",
        lineage.lineage(),
        "revision",
        base.revision(),
        "compactRevision",
        base.compactRevision(),
        "capturedAt",
        base.capturedAt(),
        "reason",
        base.reason(),
        "etcd",
        base.origin().serverVersion(),
        "size",
        new Report.Size(base.storedBytes()));
  }
}
