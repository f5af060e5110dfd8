package io.lodestone.cli;

import io.lodestone.repository.Contents;
import io.lodestone.repository.KeyVersion;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code backup history}: every version of a key. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = {
      "Shows every version of a key that the repository has, oldest first.",
      "Versions that only a base tells of have no time. JSON comes as one object a line.",
      "Ends with 1 where there is none."
    },
    footerHeading = "%nExample:%n",
    footer =
        "  lodestone backup history /registry/deployments/default/web --repository file:/backups/prod")
final class BackupHistoryCommand implements Callable<Integer> {
  @Spec private CommandSpec command;
  @Mixin private final Inside inside = new Inside();
  @Mixin private final OutputOption output = new OutputOption();

  @Parameters(
      paramLabel = "KEY",
      description = "the key; \\xHH stands for a byte, \\\\ for a backslash")
  private String key = "";

  @Override
  public Integer call() throws IOException {
    return inside.ask(this::show);
  }

  /** One version after another as they are found: memory does not grow with their number. */
  private int show(Repository repository, Lineage lineage, Contents contents) throws IOException {
    PrintWriter out = command.commandLine().getOut();
    long[] count = {0};
    contents.history(
        KeyOption.bytes(key),
        version -> {
          if (count[0]++ == 0 && !output.isJson()) {
            out.println(row("REVISION", "TIME", "CHANGE", "VERSION", "CREATED AT", "SIZE"));
          }
          out.println(output.isJson() ? ValueOption.line(ValueOption.json(version)) : row(version));
        });
    out.flush();
    if (count[0] == 0) {
      command.commandLine().getErr().println("error: no version of " + key + " is there");
    }
    return count[0] == 0 ? ExitCodes.FAILED : ExitCodes.DONE;
  }

  private static String row(KeyVersion version) {
    return row(
        version.revision(),
        version.at().map(at -> at.truncatedTo(ChronoUnit.MILLIS).toString()).orElse("unknown"),
        version.deleted() ? "deleted" : "put",
        version.version(),
        version.createRevision(),
        new Report.Size(version.valueBytes()));
  }

  private static String row(Object... cells) {
    return String.format("%12s  %-24s  %-7s  %9s  %12s  %10s", cells);
  }
}
