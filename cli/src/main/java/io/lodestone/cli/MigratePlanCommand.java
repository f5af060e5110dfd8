package io.lodestone.cli;

import io.lodestone.migrate.Check;
import io.lodestone.migrate.Migration;
import io.lodestone.migrate.MigrationListener;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code migrate plan}: looks, and changes nothing. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Looks whether a migration can succeed, and changes nothing. Exit code 1 where it cannot."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  lodestone migrate plan --endpoints 10.0.0.1:2379 --to-endpoints 10.0.1.1:2379 \\",
      "      --to-initial-cluster m1=http://10.0.1.1:2380 --to-data-dir /srv/new"
    })
final class MigratePlanCommand implements Callable<Integer> {
  @Mixin private final MigrationSettings settings = new MigrationSettings();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Check> checks = new Migration(settings.toOptions(false), MigrationListener.SILENT).plan();
    boolean possible = checks.stream().noneMatch(check -> check.verdict() == Check.Verdict.PROBLEM);
    Report report = new Report().fact("possible", possible).list("checks");
    for (Check check : checks) {
      report.row(
          "checks",
          "verdict",
          check.verdict(),
          "what",
          check.name(),
          "found",
          check.detail(),
          "hint",
          check.hint());
    }
    output.print(report);
    return possible ? ExitCodes.DONE : ExitCodes.FAILED;
  }
}
