package io.lodestone.cli;

import io.lodestone.repository.Lineage;
import io.lodestone.repository.Mark;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code backup mark}: keeps one revision, whatever the retention. */
@Command(
    name = "mark",
    mixinStandardHelpOptions = true,
    description = "Keeps one revision, whatever the retention says, until it is unmarked.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone backup mark --repository file:/backups/prod --keep 48213",
      "  lodestone backup mark --repository file:/backups/prod --keep 2026-11-01T12:00:00Z"
    })
final class BackupMarkCommand implements Callable<Integer> {
  @Mixin private final RepositoryAddress repository = new RepositoryAddress();
  @Mixin private final LineageOption lineage = new LineageOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--keep",
      required = true,
      paramLabel = "REV|TIME",
      description = "the revision, or the time at which it was the newest")
  private String point = "";

  @Override
  public Integer call() throws IOException {
    try (Repository opened = repository.open()) {
      Lineage chosen = lineage.choose(opened);
      long revision = PointInTime.cut(opened.source(chosen), point).until().orElseThrow();
      Mark mark = opened.mark(chosen, revision, Clock.systemUTC());
      output.print(
          new Report()
              .fact("lineage", chosen)
              .fact("markedRevision", mark.revision())
              .fact("markedAt", mark.markedAt()));
      return ExitCodes.DONE;
    }
  }
}
