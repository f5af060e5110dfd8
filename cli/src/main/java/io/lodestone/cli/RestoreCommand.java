package io.lodestone.cli;

import io.lodestone.cli.RestoreSource.Opened;
import io.lodestone.restore.Transfer;
import io.lodestone.restore.TransferReport;
import io.lodestone.revisions.PrefetchedStream;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code restore}: any source into etcd data directories, a store, or a snapshot file. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Restores a cluster to any captured revision or time, into data directories for stock etcd, a store, or a snapshot file.",
      "Everything is built beside the target and appears in one step; a target that is not empty is refused."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  # every member of a new cluster, in /srv/m1 and /srv/m2",
      "  lodestone restore --repository s3://backups/prod --data-dir /srv \\",
      "      --initial-cluster m1=http://10.0.0.1:2380,m2=http://10.0.0.2:2380",
      "  # one member, as it was at noon",
      "  lodestone restore --repository file:/backups/prod --to-time 2026-11-01T12:00:00Z --name m1 \\",
      "      --initial-cluster m1=http://10.0.0.1:2380 --data-dir /var/lib/etcd",
      "  # a store, to be served by: lodestone store --data-dir /var/lib/lodestone",
      "  lodestone restore --repository s3://backups/prod --store-dir /var/lib/lodestone",
      "  # the last disk of a lost quorum",
      "  lodestone restore --from-member-dir /mnt/old/etcd --initial-cluster m1=http://10.0.0.1:2380 --data-dir /srv",
      "  # a snapshot file at revision 12345",
      "  lodestone restore --repository file:/backups/prod --to-revision 12345 --output-file snapshot.db"
    })
final class RestoreCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @ArgGroup(exclusive = false, heading = "From where%n")
  private final RestoreSource source = new RestoreSource();

  @ArgGroup(exclusive = false, heading = "Whereto%n")
  private final RestoreTarget target = new RestoreTarget();

  @Mixin private final LineageOption lineage = new LineageOption();
  @Mixin private final KeysetOption keyset = new KeysetOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Optional<String> misuse = source.misuse().or(target::misuse);
    if (misuse.isPresent()) {
      throw new ParameterException(command.commandLine(), misuse.get());
    }
    if (target.bump().auto() && !source.isRepository()) {
      throw new ParameterException(
          command.commandLine(), "--bump-revision auto goes with --repository: give a number");
    }
    try (TargetFolders folders = new TargetFolders()) {
      Optional<Path> downloads =
          source.isRemote() ? Optional.of(target.downloads(folders)) : Optional.empty();
      return restore(source.open(lineage, keyset, downloads), folders);
    }
  }

  private int restore(Opened opened, TargetFolders folders)
      throws IOException, InterruptedException {
    try (RevisionStream stream = PrefetchedStream.of(opened.stream())) {
      long bump = target.bump().revisions(opened.leftOut());
      opened.loss().ifPresent(loss -> command.commandLine().getErr().println(loss.describe()));
      try (RevisionSink sink = target.open(folders, bump);
          Progress progress = progress(opened)) {
        TransferReport report =
            new Transfer(rows -> show(progress, opened, rows)).run(stream, sink);
        folders.keep();
        if (opened.kept().isPresent()) {
          opened.kept().get().drop();
        }
        output.print(describe(report, bump, opened.leftOut()));
        return ExitCodes.DONE;
      }
    }
  }

  /** By bytes, with a rate and the time that is left, where it is known how many there are. */
  private static Progress progress(Opened opened) {
    return opened.volume().isPresent()
        ? Progress.of("restored", " MiB", 1 << 20)
        : Progress.of("restored", " rows", 1);
  }

  private static void show(Progress progress, Opened opened, long rows) {
    if (opened.volume().isEmpty()) {
      progress.at(rows);
      return;
    }
    long total = opened.volume().get().totalBytes();
    progress.at(Math.min(opened.volume().get().readBytes().getAsLong(), total), total);
  }

  private Report describe(TransferReport transfer, long bump, long leftOut) {
    Report report =
        new Report()
            .fact("revision", transfer.revision() + bump)
            .fact("stateOf", transfer.completeAt())
            .fact("leftOutRevisions", leftOut)
            .fact(
                "compactRevision",
                bump > 0 ? transfer.revision() + bump : transfer.compactRevision())
            .fact("rows", transfer.records())
            .fact("bytes", new Report.Size(transfer.bytes()))
            .fact("leases", transfer.leases())
            .fact("users", transfer.users())
            .fact("seconds", transfer.elapsed().toMillis() / 1000.0)
            .list("written");
    target
        .written()
        .forEach((member, path) -> report.row("written", "member", member, "path", path));
    return report;
  }
}
