package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.lodestone.client.EtcdConnection;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.restore.keys.KeyDifference;
import io.lodestone.restore.keys.KeyRestore;
import io.lodestone.restore.keys.KeyRestoreReport;
import io.lodestone.restore.keys.KeyRestoreRules;
import io.lodestone.restore.keys.KeySelection;
import io.lodestone.restore.keys.KeySelection.Rename;
import io.lodestone.restore.keys.SelectedKeys;
import io.lodestone.revisions.PrefetchedStream;
import io.lodestone.revisions.RevisionStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code restore keys}: selected keys of any source back into a living cluster. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Puts selected keys, as they were, back into a living cluster.",
      "Without further words only keys that are missing are created. Each write holds only if the key is still",
      "as it was when it was compared. If it breaks off, run it again."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  # what would be done to bring back a namespace that was deleted at noon",
      "  lodestone restore keys --repository s3://backups/prod --to-time 2026-11-01T12:00:00Z \\",
      "      --prefix /registry/configmaps/shop/ --endpoints 10.0.0.1:2379 --dry-run",
      "  # beside what is there now, to look at",
      "  lodestone restore keys --repository file:/backups/prod --to-revision 12345 --prefix /app/ \\",
      "      --rename /app/=/app-of-noon/ --endpoints 10.0.0.1:2379",
      "  # exactly as it was, from a snapshot file",
      "  lodestone restore keys --from-snapshot-file snapshot.db --prefix /app/ --overwrite --delete-extra"
    })
final class RestoreKeysCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @ArgGroup(exclusive = false, heading = "From where%n")
  private final RestoreSource source = new RestoreSource();

  @Mixin private final LineageOption lineage = new LineageOption();
  @Mixin private final KeysetOption keyset = new KeysetOption();

  @Parameters(paramLabel = "KEY", description = "keys to restore")
  private List<String> keys = List.of();

  @Option(
      names = "--prefix",
      paramLabel = "P",
      description = "restore every key below; may be repeated; '--prefix=' means all keys")
  private List<String> prefixes = List.of();

  @Option(
      names = "--rename",
      paramLabel = "FROM=TO",
      description =
          "keys that begin with FROM begin with TO in the cluster; may be repeated, the longest FROM counts")
  private Map<String, String> renames = Map.of();

  @Option(
      names = "--overwrite",
      description = "put back keys that have another value now, which is newer")
  private boolean overwrite;

  @Option(
      names = "--delete-extra",
      description = "delete keys below the prefixes that the source does not have")
  private boolean deleteExtra;

  @Option(
      names = "--with-leases",
      description =
          "restore keys that hung on a lease, on new leases with the granted TTL; else they are left out")
  private boolean withLeases;

  @Option(names = "--dry-run", description = "show the differences and change nothing")
  private boolean dryRun;

  @Option(
      names = "--show",
      paramLabel = "N",
      defaultValue = "50",
      description = "list at most so many of the keys that differ; default: 50")
  private int show = 50;

  @Option(
      names = "--spool-dir",
      paramLabel = "DIR",
      description =
          "where the selected keys are kept meanwhile; default: the system's temporary directory")
  private Optional<Path> spoolDirectory = Optional.empty();

  @Mixin private final ClusterOptions cluster = new ClusterOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Optional<String> misuse = source.misuse();
    if (misuse.isEmpty() && keys.isEmpty() && prefixes.isEmpty()) {
      misuse =
          Optional.of("nothing is selected: give keys or --prefix; '--prefix=' means all keys");
    }
    if (misuse.isPresent()) {
      throw new ParameterException(command.commandLine(), misuse.get());
    }
    Path work = Files.createTempDirectory(spool(), "restore-keys-");
    try (EtcdConnection target = EtcdConnection.open(cluster.toClientOptions())) {
      long unused = target.clusterId();
      try (SelectedKeys selected = select(work.resolve("selected"))) {
        output.print(restore(selected, target));
      }
      return ExitCodes.DONE;
    } finally {
      DurableFiles.deleteTree(work);
    }
  }

  private Path spool() throws IOException {
    Path spool = spoolDirectory.orElse(Path.of(System.getProperty("java.io.tmpdir")));
    return Files.createDirectories(spool);
  }

  private SelectedKeys select(Path directory) throws IOException, InterruptedException {
    KeySelection selection =
        new KeySelection(
            keys.stream().map(ByteString::copyFromUtf8).toList(),
            prefixes.stream().map(ByteString::copyFromUtf8).toList(),
            renames.entrySet().stream().map(RestoreKeysCommand::rename).toList());
    try (RevisionStream stream = PrefetchedStream.of(source.open(lineage, keyset).stream());
        Progress progress = Progress.of("read", " rows", 1)) {
      return SelectedKeys.read(stream, selection, directory, progress::at);
    }
  }

  private static Rename rename(Map.Entry<String, String> rename) {
    return new Rename(
        ByteString.copyFromUtf8(rename.getKey()), ByteString.copyFromUtf8(rename.getValue()));
  }

  private Report restore(SelectedKeys selected, EtcdConnection target) {
    List<KeyDifference> shown = new ArrayList<>();
    KeyRestore restore =
        new KeyRestore(
            selected,
            target,
            new KeyRestoreRules(overwrite, deleteExtra, withLeases),
            difference -> {
              if (shown.size() < show) {
                shown.add(difference);
              }
            });
    return report(selected, dryRun ? restore.plan() : restore.execute(), shown);
  }

  private Report report(
      SelectedKeys selected, KeyRestoreReport done, List<KeyDifference> differences) {
    Report report =
        new Report()
            .fact("dryRun", dryRun)
            .fact("revision", selected.revision())
            .fact("stateOf", selected.at())
            .fact("selected", done.selected())
            .fact("same", done.same())
            .fact("created", done.created())
            .fact("overwritten", done.overwritten())
            .fact("deleted", done.deleted())
            .fact("keptNewer", done.kept())
            .fact("keptExtra", done.extra())
            .fact("leftOutForLease", done.leased())
            .fact("changedMeanwhile", done.raced())
            .fact("leases", done.leases())
            .list("differences");
    for (KeyDifference difference : differences) {
      report.row(
          "differences",
          "kind",
          difference.kind(),
          "key",
          difference.key().toStringUtf8(),
          "revision",
          difference.selectedRevision(),
          "livingRevision",
          difference.livingRevision());
    }
    return report;
  }
}
