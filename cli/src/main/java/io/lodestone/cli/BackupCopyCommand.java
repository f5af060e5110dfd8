package io.lodestone.cli;

import io.lodestone.repository.CopyReport;
import io.lodestone.repository.CopySettings;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import io.lodestone.repository.WriterSettings;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.ObjectStores;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code backup copy}: a second repository with the same histories. */
@Command(
    name = "copy",
    mixinStandardHelpOptions = true,
    description = {
      "Brings a second repository up to where the first one is. Every object is read whole and checked before it is",
      "stored; what is there already is not copied again. Whenever it stops, the copy can be restored from, up to",
      "where it has come, and the next run goes on there. An agent may write to the first one meanwhile; nobody",
      "must write to the copy (exit code 4)."
    },
    footerHeading = "%nExample:%n",
    footer =
        "  lodestone backup copy --from s3://backups/prod --to file:/mnt/elsewhere/prod   # from cron")
final class BackupCopyCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "URI",
      description = "the repository that is copied, an address as for --repository elsewhere")
  private String from = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "URI",
      description = "where the copy is, or is to be; credentials are found as for the first one")
  private String to = "";

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "4",
      description = "objects under way at a time, up to 32, 8 MiB of memory each; default: 4")
  private int parallel;

  @Option(
      names = "--all",
      description =
          "all histories; default: those of the cluster that --lineage names, or the only one")
  private boolean all;

  @Mixin private final LineageOption lineage = new LineageOption();
  @Mixin private final KeysetOption keyset = new KeysetOption();
  @Mixin private final CompressionOption compression = new CompressionOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (parallel < 1 || parallel > CopySettings.MAX_PARALLEL) {
      throw new ParameterException(
          command.commandLine(),
          "--parallel " + parallel + " is not between 1 and " + CopySettings.MAX_PARALLEL);
    }
    ContentCipher cipher = keyset.cipher();
    try (Repository source = Repository.open(ObjectStores.open(from), cipher);
        Repository copy = Repository.openOrCreate(ObjectStores.open(to), cipher);
        Progress progress = Progress.of("copied", " MiB", 1 << 20)) {
      Report report = new Report().list("lineages");
      AtomicLong before = new AtomicLong();
      for (Lineage chosen : chosen(source)) {
        CopySettings settings =
            new CopySettings(
                holder(),
                parallel,
                compression.applyTo(WriterSettings.DEFAULT),
                bytes -> progress.at(before.get() + bytes));
        CopyReport done = source.copyTo(copy, chosen, settings);
        long unused = before.addAndGet(done.bytes());
        report.row(
            "lineages",
            "lineage",
            chosen,
            "entries",
            done.entries(),
            "objects",
            done.objects(),
            "bytes",
            new Report.Size(done.bytes()),
            "alreadyThere",
            done.present(),
            "lastSeq",
            done.lastSeq(),
            "revision",
            done.revision());
      }
      output.print(report);
      return ExitCodes.DONE;
    }
  }

  /** All timelines of a cluster, the older ones first. */
  private List<Lineage> chosen(Repository source) throws IOException {
    if (all) {
      return source.lineages();
    }
    long cluster = lineage.choose(source).clusterId();
    return source.lineages().stream().filter(known -> known.clusterId() == cluster).toList();
  }

  private Holder holder() throws IOException {
    String host = InetAddress.getLocalHost().getHostName();
    return new Holder("copy of " + from, host, ProcessHandle.current().pid());
  }
}
