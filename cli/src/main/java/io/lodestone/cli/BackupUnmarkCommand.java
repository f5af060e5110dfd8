package io.lodestone.cli;

import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code backup unmark}: leaves a marked revision to retention again. */
@Command(
    name = "unmark",
    mixinStandardHelpOptions = true,
    description = "Leaves a marked revision to retention again; 'backup describe' lists the marks.",
    footerHeading = "%nExample:%n",
    footer = "  lodestone backup unmark --repository file:/backups/prod 48213")
final class BackupUnmarkCommand implements Callable<Integer> {
  @Mixin private final RepositoryAddress repository = new RepositoryAddress();
  @Mixin private final LineageOption lineage = new LineageOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Parameters(paramLabel = "REV", description = "the revision")
  private long revision;

  @Override
  public Integer call() throws IOException {
    try (Repository opened = repository.open()) {
      Lineage chosen = lineage.choose(opened);
      opened.unmark(chosen, revision);
      output.print(new Report().fact("lineage", chosen).fact("unmarkedRevision", revision));
      return ExitCodes.DONE;
    }
  }
}
