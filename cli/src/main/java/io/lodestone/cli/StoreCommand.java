package io.lodestone.cli;

import io.lodestone.server.StoreServer;
import io.lodestone.server.config.StoreConfig;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code store}: a server in the foreground, told what to do by etcd's own flags. */
@Command(
    name = "store",
    description = {
      "Serves the etcd v3 API, alone or as a member of a cluster, until it is stopped (SIGTERM).",
      "Takes etcd's flags, its ETCD_* variables, and its configuration file."
    },
    customSynopsis = "lodestone store [FLAGS]",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone store",
      "  lodestone store --data-dir /var/lib/lodestone --listen-client-urls http://0.0.0.0:2379 \\",
      "      --advertise-client-urls http://10.0.0.1:2379",
      "  lodestone store --config-file /etc/etcd.conf.yml"
    })
final class StoreCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(StoreCommand.class);

  @Spec private CommandSpec command;

  @ParentCommand private Lodestone program;

  @Option(
      names = {"-h", "--help"},
      description = "show this and every flag")
  private boolean help;

  /** etcd's flags, which the server reads itself. */
  @Unmatched private List<String> flags = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    if (help) {
      printHelp(command.commandLine().getOut());
      return ExitCodes.DONE;
    }
    Thread.setDefaultUncaughtExceptionHandler(StoreCommand::end);
    StoreConfig config = StoreConfig.read(flags, System.getenv());
    StoreLogging.use(config.log());
    Thread starter = Thread.currentThread();
    program.shutdown().onStop(starter::interrupt);
    try (StoreServer server = StoreServer.start(config)) {
      CountDownLatch stop = new CountDownLatch(1);
      program.shutdown().onStop(stop::countDown);
      var unused = server.ended().thenRun(stop::countDown);
      stop.await();
    } catch (InterruptedIOException | InterruptedException e) {
      LOG.atInfo().log("was stopped while it started");
    }
    return ExitCodes.DONE;
  }

  /** Better down than half alive: a store that has lost a thread ends at once, as if killed. */
  private static void end(Thread thread, Throwable failure) {
    LOG.atError().setCause(failure).addKeyValue("thread", thread.getName()).log("the store ends");
    Runtime.getRuntime().halt(ExitCodes.FAILED);
  }

  private void printHelp(PrintWriter out) {
    out.println(command.commandLine().getUsageMessage());
    out.println("Flags:");
    for (StoreConfig.FlagHelp flag : StoreConfig.help()) {
      String fallback = flag.fallback().isEmpty() ? "" : " (default: " + flag.fallback() + ")";
      out.printf("  %s %s%n      %s%s%n", flag.name(), flag.takes(), flag.help(), fallback);
    }
    out.println();
    out.println("Accepted without effect: " + String.join(" ", StoreConfig.pointless()));
  }
}
