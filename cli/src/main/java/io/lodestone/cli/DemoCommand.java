package io.lodestone.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code demo}: see {@link Demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the main job on this machine: starts a real etcd cluster of three under writes, backs it up to files and to a local",
      "S3 server, destroys its disks, restores it, and compares. Uses loopback and a temporary folder; takes under a minute."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone demo")
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Report report = Demo.run(command.commandLine().getErr());
    output.print(report);
    return report.isTrue("equal") ? ExitCodes.DONE : ExitCodes.DAMAGE;
  }
}
