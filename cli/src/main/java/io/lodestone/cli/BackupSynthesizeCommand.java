package io.lodestone.cli;

import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.Holder;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code backup synthesize}: a new base without asking the source. */
@Command(
    name = "synthesize",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a new base out of the newest one and the log behind it, without asking the source, and proves it",
      "by a digest that is found in another way before it counts. Restores get shorter, and 'backup expire'",
      "can let the old base go. Ends with 4 while an agent writes: the repository has one writer."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone backup synthesize --repository file:/backups/prod")
final class BackupSynthesizeCommand implements Callable<Integer> {
  @Mixin private final RepositoryAddress repository = new RepositoryAddress();
  @Mixin private final LineageOption lineage = new LineageOption();
  @Mixin private final CompressionOption compression = new CompressionOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--spool-dir",
      paramLabel = "DIR",
      description =
          "where rows wait that do not fit into memory; default: the system's temporary directory")
  private Optional<Path> spoolDirectory = Optional.empty();

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Repository opened = repository.open()) {
      Lineage chosen = lineage.choose(opened);
      Path spool = spoolDirectory.orElse(Path.of(System.getProperty("java.io.tmpdir")));
      WriterSettings settings = compression.applyTo(WriterSettings.DEFAULT);
      boolean made = opened.synthesizeBase(chosen, holder(), settings, spool);
      Report report = new Report().fact("lineage", chosen).fact("made", made);
      opened.describe().lineages().stream()
          .filter(described -> described.lineage().equals(chosen))
          .flatMap(described -> described.bases().stream())
          .reduce((older, newer) -> newer)
          .ifPresent(
              base ->
                  report
                      .fact("newestBase", base.revision())
                      .fact("compactRevision", base.compactRevision())
                      .fact("size", new Report.Size(base.storedBytes())));
      output.print(report);
      return ExitCodes.DONE;
    }
  }

  /** Not the name of an agent on this host, whose place would be taken at once. */
  private static Holder holder() throws IOException {
    String host = InetAddress.getLocalHost().getHostName();
    return new Holder("synthesize on " + host, host, ProcessHandle.current().pid());
  }
}
