package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.lodestone.migrate.copy.Copy;
import io.lodestone.migrate.copy.CopyOptions;
import io.lodestone.migrate.copy.CopyReport;
import io.lodestone.migrate.copy.KeyMapping;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code migrate copy}: a lasting copy of keys in a cluster that has other data. */
@Command(
    name = "copy",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Copies keys into a cluster that may have other data, and keeps the copy what the source is until it is",
      "stopped. Values and leases are copied, revisions are the destination's own. What is not at the source any",
      "more is deleted below --to-prefix. It may be stopped, killed and started again anywhere: the destination",
      "remembers how far it came, and lets only the newest run write."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone migrate copy --endpoints 10.0.0.1:2379 --to-endpoints 10.0.1.1:2379 \\",
      "      --prefix /app/ --to-prefix /copies/app/",
      "  lodestone migrate copy --endpoints 10.0.0.1:2379 --to-endpoints 10.0.1.1:2379 --prefix /app/ --once"
    })
final class MigrateCopyCommand implements Callable<Integer> {
  @ParentCommand private MigrateCommand parent;

  @Mixin private final ClusterOptions source = new ClusterOptions();
  @Mixin private final DestinationOptions destination = new DestinationOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--prefix",
      paramLabel = "P",
      description = "copy the keys that begin with this; default: all keys")
  private String prefix = "";

  @Option(
      names = "--to-prefix",
      paramLabel = "P",
      description = "what their prefix becomes; default: --prefix")
  private Optional<String> toPrefix = Optional.empty();

  @Option(
      names = "--checkpoint-key",
      paramLabel = "KEY",
      description =
          "where the destination remembers what it has; default: lodestone/copy/CLUSTER/PREFIX")
  private Optional<String> checkpointKey = Optional.empty();

  @Option(
      names = "--max-txn-ops",
      paramLabel = "N",
      defaultValue = "128",
      description = "the destination's own limit; default: ${DEFAULT-VALUE}")
  private int maxTxnOps;

  @Option(
      names = "--without-leases",
      description =
          "copied keys stay until they are deleted; else this command keeps their leases alive")
  private boolean withoutLeases;

  @Option(names = "--once", description = "make both sides equal as of now, and end")
  private boolean once;

  @Option(
      names = "--patience",
      paramLabel = "DURATION",
      converter = BackupRunCommand.DurationConverter.class,
      description = "how long the destination may be away; default: 10m")
  private Duration patience = Duration.ofMinutes(10);

  @Override
  public Integer call() throws IOException, InterruptedException {
    KeyMapping mapping =
        new KeyMapping(
            ByteString.copyFromUtf8(prefix), ByteString.copyFromUtf8(toPrefix.orElse(prefix)));
    CopyOptions options =
        new CopyOptions(
            source.toClientOptions(),
            destination.toClientOptions(source),
            mapping,
            checkpointKey,
            maxTxnOps,
            !withoutLeases,
            once,
            patience);
    CopyReport report;
    try (Progress bar = Progress.of("copy", " revisions", 1)) {
      Copy copy = new Copy(options, now -> bar.at(now.revision(), now.sourceRevision()));
      parent.onStop(copy::stop);
      report = copy.run();
    }
    output.print(
        new Report()
            .fact("revision", report.revision())
            .fact("sourceRevision", report.sourceRevision())
            .fact("puts", report.puts())
            .fact("deletes", report.deletes())
            .fact("transactions", report.transactions())
            .fact("comparisons", report.bases()));
    return ExitCodes.DONE;
  }
}
