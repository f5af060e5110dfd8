package io.lodestone.cli;

import io.lodestone.backup.config.AgentConfig;
import io.lodestone.backup.config.AgentConfigFile;
import io.lodestone.backup.daemon.AgentDaemon;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import org.jline.utils.Signals;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code backup agent}: many clusters, by a file of settings. */
@Command(
    name = "agent",
    mixinStandardHelpOptions = true,
    description = {
      "Backs up many clusters by a file of settings, until it is stopped (SIGTERM).",
      "SIGHUP makes it read the file again. Any number of agents may have the same file:",
      "for each cluster one of them writes, and the others wait for its place."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone backup agent --config /etc/lodestone/agent.yaml",
      "  lodestone backup agent --config /etc/lodestone/agent.yaml --check"
    })
final class BackupAgentCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "the settings: see docs/backup-agent.md")
  private Path config = Path.of("");

  @Option(names = "--check", description = "say whether the settings hold, and end")
  private boolean check;

  /** What other threads ask of the command's own. */
  private enum Wish {
    RELOAD,
    STOP
  }

  @Override
  public Integer call() throws InterruptedException {
    AgentConfigFile file = new AgentConfigFile(config, System.getenv());
    if (check) {
      print(file.read());
      return ExitCodes.DONE;
    }
    BlockingQueue<Wish> wishes = new LinkedBlockingQueue<>();
    ((Lodestone) command.root().userObject()).shutdown().onStop(() -> wishes.add(Wish.STOP));
    Signals.register("HUP", () -> wishes.add(Wish.RELOAD));
    try (AgentDaemon daemon = AgentDaemon.start(file)) {
      while (wishes.take() == Wish.RELOAD) {
        daemon.reload();
      }
    }
    return ExitCodes.DONE;
  }

  private void print(AgentConfig settings) {
    Report report = new Report().fact("valid", true).fact("agentId", settings.agentId());
    report.list("clusters");
    settings
        .clusters()
        .forEach(
            plan ->
                report.row(
                    "clusters",
                    "name",
                    plan.name(),
                    "endpoints",
                    plan.source().endpoints(),
                    "repository",
                    plan.repository().address(),
                    "schedules",
                    plan.schedules().keySet().stream().sorted().toList()));
    output.print(report);
  }
}
