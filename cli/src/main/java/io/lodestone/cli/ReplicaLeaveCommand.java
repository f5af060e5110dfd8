package io.lodestone.cli;

import io.lodestone.client.EtcdConnection;
import io.lodestone.replica.Leave;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code replica leave}: a replica that is a learner of its cluster stops being one. */
@Command(
    name = "leave",
    mixinStandardHelpOptions = true,
    description = {
      "Removes a replica that runs, or ran, with --mode raft from its cluster's members.",
      "Where it runs, it ends by itself. Its copy stays: started again, it joins as a new learner and goes on behind it."
    },
    footerHeading = "%nExample:%n",
    footer =
        "  lodestone replica leave --data-dir /var/lib/replica --endpoints 10.0.0.1:2379,10.0.0.2:2379")
final class ReplicaLeaveCommand implements Callable<Integer> {
  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "the data directory of the replica")
  private Path dataDir = Path.of("default.replica");

  @Mixin private final ClusterOptions source = new ClusterOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException {
    try (EtcdConnection connection = EtcdConnection.open(source.toClientOptions())) {
      long id = Leave.leave(connection, dataDir);
      output.print(
          new Report()
              .fact("clusterId", Long.toHexString(connection.clusterId()))
              .fact("removedMember", Long.toHexString(id)));
      return ExitCodes.DONE;
    }
  }
}
