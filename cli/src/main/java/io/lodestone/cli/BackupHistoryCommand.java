package io.lodestone.cli;

import io.lodestone.repository.Contents;
import io.lodestone.repository.KeyVersion;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code backup history}: every version of a key. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = {
      "Shows every version of a key that the repository has, oldest first.",
      "Versions from before the first base have no time. Ends with 1 where there is none."
    },
    footerHeading = "%nExample:%n",
    footer =
        "  lodestone backup history /registry/deployments/default/web --repository file:/backups/prod")
final class BackupHistoryCommand implements Callable<Integer> {
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

  private int show(Repository repository, Lineage lineage, Contents contents) throws IOException {
    Report report =
        new Report()
            .fact("lineage", lineage)
            .fact("key", ShownBytes.ESCAPED.of(KeyOption.bytes(key)));
    report.list("versions");
    contents.history(KeyOption.bytes(key), version -> add(report, version));
    output.print(report);
    return report.isEmpty("versions") ? ExitCodes.FAILED : ExitCodes.DONE;
  }

  private static void add(Report report, KeyVersion version) {
    report.row(
        "versions",
        "revision",
        version.revision(),
        "time",
        version.at().<Object>map(at -> at).orElse(""),
        "change",
        version.deleted() ? "deleted" : "put",
        "version",
        version.version(),
        "createRevision",
        version.createRevision(),
        "lease",
        Long.toHexString(version.lease()),
        "size",
        new Report.Size(version.valueBytes()));
  }
}
