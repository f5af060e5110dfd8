package io.lodestone.cli;

import io.lodestone.repository.Repository;
import io.lodestone.repository.VerifyReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code backup verify}: reads everything again. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads every object of a repository, and checks every hash, every link of the chain and every record's place;",
      "then that the newest state of which the source has told its HashKV has that hash here too.",
      "Ends with 3 where anything is not as it was written."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone backup verify --repository file:/backups/prod")
final class BackupVerifyCommand implements Callable<Integer> {
  @Mixin private final OutputOption output = new OutputOption();

  @Mixin private final RepositoryAddress repository = new RepositoryAddress();

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Repository opened = repository.open();
        Progress progress = Progress.of("verified", " MiB", 1 << 20)) {
      VerifyReport verified = opened.verify((objects, bytes) -> progress.at(bytes));
      Report report =
          new Report().fact("intact", verified.isIntact()).fact("objects", verified.objects());
      report.fact("bytes", new Report.Size(verified.bytes())).fact("records", verified.records());
      report
          .fact("orphans", verified.orphans())
          .fact("sourceHashesFound", verified.sourceHashes())
          .list("damage");
      verified
          .problems()
          .forEach(
              problem ->
                  report.row("damage", "object", problem.object(), "problem", problem.message()));
      output.print(report);
      return verified.isIntact() ? ExitCodes.DONE : ExitCodes.DAMAGE;
    }
  }
}
