package io.lodestone.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code demo}: see {@link Demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the main job on this machine: starts a store under writes, backs it up, deletes everything, and restores the moment",
      "before, into a store and into a directory that stock etcd starts from; then a replica follows a store and takes its place.",
      "Where stock etcd is installed, a cluster of three loses all its disks and comes back from files and from a local S3",
      "server. Uses loopback and a temporary folder; takes about a minute."
    },
    footerHeading = "%nExample:%n",
    footer = "  lodestone demo")
final class DemoCommand implements Callable<Integer> {
  /** The stores run in this process, and their diary would stand between the demo's lines. */
  private static final Logger LOG = (Logger) LoggerFactory.getLogger("io.lodestone");

  @Spec private CommandSpec command;

  @Mixin private final OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Level before = LOG.getLevel();
    LOG.setLevel(Level.WARN);
    try {
      Report report = Demo.run(command.commandLine().getErr());
      output.print(report);
      return report.isTrue("equal") ? ExitCodes.DONE : ExitCodes.DAMAGE;
    } finally {
      LOG.setLevel(before);
    }
  }
}
