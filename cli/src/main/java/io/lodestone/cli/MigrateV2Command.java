package io.lodestone.cli;

import io.lodestone.client.EtcdConnection;
import io.lodestone.migrate.v2.V2Mapping;
import io.lodestone.migrate.v2.V2Migration;
import io.lodestone.migrate.v2.V2Report;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code migrate v2}: keys of etcd's v2 API into v3. */
@Command(
    name = "v2",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Takes keys of etcd's v2 API (etcd 3.4 or older, started with --enable-v2) over into v3. A key /a/b becomes the",
      "key /a/b behind --to-prefix; what is left of a time to live, its own or its directory's, becomes a lease.",
      "Writers must have stopped; where one has not, the command says so at its end. Hidden nodes (_name) are seen",
      "only where --path names them."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone migrate v2 --from http://10.0.0.1:2379 --endpoints 10.0.1.1:2379",
      "  lodestone migrate v2 --from http://10.0.0.1:2379 --path /config --to-prefix /v2 --endpoints 10.0.1.1:2379"
    })
final class MigrateV2Command implements Callable<Integer> {
  @Option(
      names = "--from",
      required = true,
      split = ",",
      paramLabel = "URL",
      description =
          "client URLs of members that serve v2, by commas; the first that answers is read")
  private List<URI> members = List.of();

  @Option(
      names = "--path",
      paramLabel = "DIR",
      defaultValue = "",
      description = "take over what is in this directory, for example /config; default: everything")
  private String path = "";

  @Option(
      names = "--to-prefix",
      paramLabel = "P",
      defaultValue = "",
      description = "what stands before each path in v3; default: nothing")
  private String prefix = "";

  @Option(
      names = "--keep-directories",
      description = "a directory becomes a key that ends with a slash and has no value")
  private boolean keepDirectories;

  @Option(
      names = "--again",
      description =
          "the prefix has keys already: make them what v2 has now, and delete those that it does not have")
  private boolean again;

  @Mixin private final ClusterOptions destination = new ClusterOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    V2Report report;
    try (EtcdConnection cluster = EtcdConnection.open(destination.toClientOptions())) {
      report =
          new V2Migration(members, cluster, new V2Mapping(path, prefix, keepDirectories))
              .run(again);
    }
    output.print(
        new Report()
            .fact("keys", report.keys())
            .fact("directories", report.directories())
            .fact("written", report.written())
            .fact("deleted", report.deleted())
            .fact("leases", report.leases())
            .fact("v2Index", report.index()));
    return ExitCodes.DONE;
  }
}
