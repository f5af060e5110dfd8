package io.lodestone.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code migrate}: moves a living cluster. */
@Command(
    name = "migrate",
    mixinStandardHelpOptions = true,
    description = {
      "Moves a living etcd cluster to a new one while clients write. Every revision keeps its number, so that",
      "watches, leases and Kubernetes' resourceVersions stay valid; HashKV on every member proves it."
    },
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone migrate plan --config migration.yaml",
      "  lodestone migrate run --config migration.yaml        # until steady; goes on until it is stopped",
      "  lodestone migrate status",
      "  lodestone migrate cutover --config migration.yaml",
      "",
      "  # migration.yaml",
      "  endpoints: [10.0.0.1:2379, 10.0.0.2:2379, 10.0.0.3:2379]",
      "  to-endpoints: [10.0.1.1:2379, 10.0.1.2:2379, 10.0.1.3:2379]",
      "  to-initial-cluster: [m1=http://10.0.1.1:2380, m2=http://10.0.1.2:2380, m3=http://10.0.1.3:2380]",
      "  to-data-dir: /srv/new",
      "  start-command: ./copy-and-start.sh",
      "  cutover-command: ./switch-dns.sh"
    })
final class MigrateCommand {
  @ParentCommand private Lodestone program;

  /** How the program's shutdown asks a subcommand to stop. */
  void onStop(Runnable action) {
    program.shutdown().onStop(action);
  }
}
