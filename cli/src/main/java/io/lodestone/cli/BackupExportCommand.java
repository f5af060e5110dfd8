package io.lodestone.cli;

import io.lodestone.api.KeyRange;
import io.lodestone.repository.Contents;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code backup export}: a state as JSON lines. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes all keys as they were at a point, one JSON object a line, in the order of their last change.",
      "Text stands under 'key' and 'value', other bytes in Base64 under 'keyBase64' and 'valueBase64';",
      "kind and metadata of Kubernetes' protobuf objects under 'object', unless --raw is given."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone backup export --raw --repository file:/backups/prod > keys.jsonl",
      "  lodestone backup export --prefix /registry/pods/ --at 48213 --repository file:/backups/prod | jq .object"
    })
final class BackupExportCommand implements Callable<Integer> {
  @Spec private CommandSpec command;
  @Mixin private final Inside inside = new Inside();
  @Mixin private final PointOption point = new PointOption();

  @Option(names = "--prefix", paramLabel = "P", description = "only keys that begin with this")
  private String prefix = "";

  @Option(names = "--raw", description = "values as they are stored, Kubernetes' objects too")
  private boolean raw;

  @Override
  public Integer call() throws IOException {
    return inside.ask(this::export);
  }

  private int export(Repository repository, Lineage lineage, Contents contents) throws IOException {
    PrintWriter out = command.commandLine().getOut();
    ValueOption values = new ValueOption(raw);
    contents.rows(
        KeyRange.prefix(KeyOption.bytes(prefix)),
        point.revision(repository, lineage, contents),
        row -> out.println(ValueOption.line(values.json(row.keyValue()))));
    out.flush();
    return ExitCodes.DONE;
  }
}
