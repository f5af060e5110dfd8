package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.lodestone.client.EtcdConnection;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.migrate.compare.ClusterComparison;
import io.lodestone.migrate.compare.Finding;
import io.lodestone.migrate.compare.MemberHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code migrate verify}: a proof that two clusters hold the same. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares any two clusters at one revision, while both live: HashKV on every member of both sides, leases,",
      "users and roles. Where hashes differ, a digest over a snapshot of each names the keys. Exit code 3 where",
      "they differ."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone migrate verify --endpoints 10.0.0.1:2379 --to-endpoints 10.0.1.1:2379")
final class MigrateVerifyCommand implements Callable<Integer> {
  @Mixin private final ClusterOptions source = new ClusterOptions();
  @Mixin private final DestinationOptions destination = new DestinationOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--revision",
      paramLabel = "R",
      description = "compare at this revision; default: the newest that both have")
  private Optional<Long> revision = Optional.empty();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("lodestone-verify");
    try (EtcdConnection theirs = EtcdConnection.open(source.toClientOptions());
        EtcdConnection ours = EtcdConnection.open(destination.toClientOptions(source))) {
      long at = revision.orElseGet(() -> Math.min(theirs.revision(), ours.revision()));
      Finding finding = new ClusterComparison(theirs, ours, work).everythingAt(at);
      output.print(report(finding));
      return finding.equal() ? ExitCodes.DONE : ExitCodes.DAMAGE;
    } finally {
      DurableFiles.deleteTree(work);
    }
  }

  private static Report report(Finding finding) {
    Report report =
        new Report()
            .fact("equal", finding.equal())
            .fact("proof", finding.proof())
            .fact("revision", finding.revision())
            .fact("compactRevision", finding.compactRevision())
            .list("members")
            .list("differingKeys")
            .list("differencesBeside");
    for (MemberHash member : finding.hashes()) {
      report.row(
          "members",
          "side",
          member.side(),
          "member",
          member.member(),
          "hash",
          member.hash(),
          "compactRevision",
          member.compactRevision());
    }
    for (ByteString key : finding.keys()) {
      report.row("differingKeys", "key", key.toStringUtf8());
    }
    finding.besides().forEach(what -> report.row("differencesBeside", "what", what));
    return report;
  }
}
