package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.lodestone.client.EtcdConnection;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.replica.Comparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code replica verify}: a proof that a replica is what its source is. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Compares a replica with its source at one revision, and names the keys that differ.",
      "By HashKV; where the hashes differ, by a digest over a snapshot of each. Exit code 3 where the two do."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone replica verify --replica 127.0.0.1:2389 --endpoints 10.0.0.1:2379")
final class ReplicaVerifyCommand implements Callable<Integer> {
  @Mixin private final ReplicaOption replica = new ReplicaOption();
  @Mixin private final ClusterOptions source = new ClusterOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("lodestone-verify");
    try (EtcdConnection theirs = EtcdConnection.open(source.toClientOptions());
        EtcdConnection ours = EtcdConnection.open(source.toClientOptions(replica.endpoints()))) {
      Comparison.Outcome outcome = new Comparison(theirs, ours, work).compare();
      output.print(report(outcome));
      return outcome.equal() ? ExitCodes.DONE : ExitCodes.DAMAGE;
    } finally {
      DurableFiles.deleteTree(work);
    }
  }

  private static Report report(Comparison.Outcome outcome) {
    Report report =
        new Report()
            .fact("equal", outcome.equal())
            .fact("proof", outcome.proof())
            .fact("revision", outcome.revision())
            .fact("compactRevision", outcome.compactRevision())
            .list("differingKeys");
    for (ByteString key : outcome.keys()) {
      report.row("differingKeys", "key", key.toStringUtf8());
    }
    return report;
  }
}
