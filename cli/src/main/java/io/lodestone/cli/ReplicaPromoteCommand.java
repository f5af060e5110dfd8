package io.lodestone.cli;

import io.lodestone.client.EtcdConnection;
import io.lodestone.replica.LivingSource;
import io.lodestone.replica.ReplicaDirectorySource;
import io.lodestone.restore.Transfer;
import io.lodestone.restore.TransferReport;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.LeasePolicy;
import io.lodestone.revisions.PrefetchedStream;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.server.DataDirectorySink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code replica promote}: what a stopped replica holds becomes a store of its own. */
@Command(
    name = "promote",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes a store, the only member of a new cluster, of what a stopped replica had copied.",
      "Refuses while the source answers. Revisions continue above all that clients can have seen, leases begin anew",
      "with their granted TTL. The replica's directory stays as it is.",
      "For data directories of stock etcd: lodestone restore --from-replica-dir."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  lodestone replica promote --data-dir /var/lib/replica --store-dir /var/lib/lodestone \\",
      "      --endpoints 10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379",
      "  lodestone store --data-dir /var/lib/lodestone --listen-client-urls http://0.0.0.0:2379 ..."
    })
final class ReplicaPromoteCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "the data directory of the stopped replica")
  private Path replicaDir = Path.of("default.replica");

  @Option(
      names = "--store-dir",
      required = true,
      paramLabel = "DIR",
      description = "where to write the store's data directory; must be new")
  private Path storeDir = Path.of("default.etcd");

  @Option(
      names = "--bump-revision",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "continue N revisions higher and mark everything below as compacted, since the source may "
              + "have acknowledged writes that the replica never saw; default: 1000000. 0 where the "
              + "replica is known to have everything: then watches of clients go on where they were")
  private long bumpRevision = 1_000_000;

  @Option(
      names = "--force",
      description = "do not ask the source: it is known that no client reaches it")
  private boolean force;

  @Mixin private final ClusterOptions source = new ClusterOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (bumpRevision < 0) {
      throw misuse("--bump-revision must not turn time back: give a number from 0 on");
    }
    if (!force && !command.commandLine().getParseResult().hasMatchedOption("--endpoints")) {
      throw misuse("name the source with --endpoints, so that it is known to be gone; or --force");
    }
    List<String> answering = force ? List.of() : requireSourceGone();
    output.print(report(promote(), answering));
    return ExitCodes.DONE;
  }

  private ParameterException misuse(String what) {
    return new ParameterException(command.commandLine(), what);
  }

  private List<String> requireSourceGone() throws IOException {
    try (EtcdConnection connection = EtcdConnection.open(source.toClientOptions())) {
      return new LivingSource(connection).requireGone();
    }
  }

  private TransferReport promote() throws IOException, InterruptedException {
    CopyRules rules = new CopyRules(LeasePolicy.FULL, bumpRevision);
    try (RevisionStream stream =
            PrefetchedStream.of(new ReplicaDirectorySource(replicaDir).openAtBase(Reason.INITIAL));
        TargetFolders folders = new TargetFolders();
        RevisionSink sink = openStore(folders, rules);
        Progress progress = Progress.of("promoted", " rows", 1)) {
      TransferReport report = new Transfer(progress::at).run(stream, sink);
      folders.keep();
      return report;
    }
  }

  private RevisionSink openStore(TargetFolders folders, CopyRules rules) throws IOException {
    folders.createFor(storeDir);
    return new DataDirectorySink(storeDir, rules);
  }

  private Report report(TransferReport transfer, List<String> answering) {
    Report report =
        new Report()
            .fact("replicaRevision", transfer.revision())
            .fact("revision", transfer.revision() + bumpRevision)
            .fact("rows", transfer.records())
            .fact("leases", transfer.leases())
            .fact("users", transfer.users())
            .fact("storeDir", storeDir)
            .fact("seconds", transfer.elapsed().toMillis() / 1000.0)
            .list("membersThatStillAnswer");
    answering.forEach(member -> report.row("membersThatStillAnswer", "member", member));
    return report;
  }
}
