package io.lodestone.cli;

import picocli.CommandLine.Command;

/** The backup commands; each is a class of its own. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = "Backs up living clusters into a repository, and looks into repositories.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone backup run --endpoints 10.0.0.1:2379 --repository file:/backups/prod",
      "  lodestone backup agent --config /etc/lodestone/agent.yaml",
      "  lodestone backup verify --repository file:/backups/prod"
    })
final class BackupCommand {}
