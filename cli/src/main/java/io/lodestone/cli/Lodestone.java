package io.lodestone.cli;

import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The program: finds the command, runs it, turns failures into a message, a hint and an exit code.
 */
@Command(
    name = "lodestone",
    mixinStandardHelpOptions = true,
    version = "lodestone 0.1.0",
    description =
        "Keeps etcd data safe and movable: a store, backups to any revision, restores, moves.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone demo",
      "  lodestone store --data-dir /var/lib/lodestone",
      "  lodestone backup run --endpoints 10.0.0.1:2379 --repository s3://backups/prod",
      "  lodestone backup describe --repository s3://backups/prod",
      "  lodestone restore --repository s3://backups/prod --to-time 2026-11-01T12:00:00Z \\",
      "      --initial-cluster m1=http://10.0.0.1:2380 --data-dir /var/lib/etcd-new",
      "  lodestone replica --endpoints 10.0.0.1:2379 --data-dir /var/lib/replica",
      "  lodestone migrate run --config migration.yaml",
      "",
      "Exit codes:",
      "  0  done                            3  damage found, or a proof failed",
      "  1  failed; the hint says what next 4  another writer holds the repository",
      "  2  wrong usage",
    })
public final class Lodestone {
  private final Shutdown shutdown;

  Lodestone(Shutdown shutdown) {
    this.shutdown = shutdown;
  }

  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Shutdown shutdown = new Shutdown();
    shutdown.listen();
    int code = run(shutdown, out, err, arguments);
    out.flush();
    shutdown.exit(code);
  }

  /** How the running command learns that it has to stop. */
  Shutdown shutdown() {
    return shutdown;
  }

  /**
   * Runs one command and returns its exit code: what it found goes to {@code out}, everything else
   * to {@code err}.
   */
  static int run(Shutdown shutdown, PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine line = Commands.of(new Lodestone(shutdown), arguments);
    // What is set on the line from here on is set on its commands too.
    line.setOut(out).setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpWidth(120);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> explain(failure, command.getErr()));
    return line.execute(arguments);
  }

  private static int explain(Exception failure, PrintWriter err) throws Exception {
    if (failure instanceof LodestoneException known) {
      err.println("error: " + withCauses(known));
      err.println("hint:  " + known.hint());
      return ExitCodes.of(known);
    }
    if (failure instanceof IOException ofFile) {
      err.println("error: " + spoken(ofFile));
      err.println("hint:  check the path, its permissions and the free space, then try again");
      return ExitCodes.FAILED;
    }
    if (failure instanceof InterruptedException) {
      err.println("error: interrupted");
      return ExitCodes.FAILED;
    }
    throw failure;
  }

  /** The JDK's messages for files are often the bare path. */
  private static String spoken(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "there is no file " + failure.getMessage();
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied: " + failure.getMessage();
    }
    return failure instanceof FileSystemException
        ? failure.getClass().getSimpleName() + ": " + withCauses(failure)
        : withCauses(failure);
  }

  private static String withCauses(Throwable failure) {
    StringBuilder text = new StringBuilder(String.valueOf(failure.getMessage()));
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (text.indexOf(message) < 0) {
        text.append(": ").append(message);
      }
    }
    return text.toString();
  }
}
