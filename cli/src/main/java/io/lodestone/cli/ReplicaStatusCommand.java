package io.lodestone.cli;

import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.client.EtcdConnection;
import io.lodestone.replica.LastProof;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code replica status}: how far a replica is behind its source. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Says which revision a replica has, which its source has, and how far it is behind.",
      "The lag in milliseconds is how long the replica took, now, to have what the source had.",
      "With --verify-interval, also at which revision and when it was last found equal to its source."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone replica status --replica 127.0.0.1:2389 --endpoints 10.0.0.1:2379")
final class ReplicaStatusCommand implements Callable<Integer> {
  @Mixin private final ReplicaOption replica = new ReplicaOption();
  @Mixin private final ClusterOptions source = new ClusterOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException {
    try (EtcdConnection theirs = EtcdConnection.open(source.toClientOptions());
        EtcdConnection ours = EtcdConnection.open(source.toClientOptions(replica.endpoints()))) {
      long sourceRevision = theirs.revision();
      StatusResponse status = ours.status(ours.endpoints().get(0));
      long applied = status.getHeader().getRevision();
      Report report =
          new Report()
              .fact("clusterId", Long.toHexString(status.getHeader().getClusterId()))
              .fact("sameCluster", status.getHeader().getClusterId() == theirs.clusterId())
              .fact("appliedRevision", applied)
              .fact("sourceRevision", sourceRevision)
              .fact("lagRevisions", Math.max(0, sourceRevision - applied))
              .fact("lagMillis", applied >= sourceRevision ? 0 : catchUpMillis(ours));
      LastProof.of(ours)
          .ifPresent(
              proof ->
                  report.fact("provedRevision", proof.revision()).fact("provedAt", proof.at()));
      output.print(report);
      return ExitCodes.DONE;
    }
  }

  /** A linearizable read waits until the replica has what its source has. */
  private static long catchUpMillis(EtcdConnection replica) {
    long began = System.nanoTime();
    replica.revision();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
  }
}
