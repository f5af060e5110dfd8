package io.lodestone.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.repository.Contents;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code backup get}: keys as they were, without a restore. */
@Command(
    name = "get",
    mixinStandardHelpOptions = true,
    description = {
      "Shows a key, or all keys with a prefix, as they were, straight from the repository.",
      "Of Kubernetes' protobuf objects it shows kind and metadata; --raw shows what is stored.",
      "Keys with a prefix come in the order of their last change.",
      "Ends with 1 where there is no such key."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone backup get /registry/pods/default/web --repository file:/backups/prod",
      "  lodestone backup get /config/limits --at 2026-11-01T12:00:00Z --repository file:/backups/prod",
      "  lodestone backup get --prefix /registry/secrets/ --at 48213 --output json --repository file:/backups/prod"
    })
final class BackupGetCommand implements Callable<Integer> {
  @Spec private CommandSpec command;
  @Mixin private final Inside inside = new Inside();
  @Mixin private final PointOption point = new PointOption();
  @Mixin private final ValueOption values = new ValueOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Parameters(
      paramLabel = "KEY",
      arity = "0..1",
      description = "the key; \\xHH stands for a byte, \\\\ for a backslash")
  private Optional<String> key = Optional.empty();

  @Option(names = "--prefix", paramLabel = "P", description = "all keys that begin with this")
  private Optional<String> prefix = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (key.isPresent() == prefix.isPresent()) {
      throw new ParameterException(
          command.commandLine(), "name either a key or a prefix with --prefix");
    }
    return inside.ask(this::show);
  }

  private int show(Repository repository, Lineage lineage, Contents contents) throws IOException {
    long revision = point.revision(repository, lineage, contents);
    return prefix.isPresent()
        ? showAll(contents, KeyRange.prefix(KeyOption.bytes(prefix.get())), revision)
        : showOne(contents, KeyOption.bytes(key.orElseThrow()), revision);
  }

  private int showOne(Contents contents, ByteString key, long revision) throws IOException {
    Optional<RevisionRecord> row = contents.get(key, revision);
    if (row.isEmpty()) {
      command
          .commandLine()
          .getErr()
          .println("error: there is no key " + values.shown(key) + " at revision " + revision);
      return ExitCodes.FAILED;
    }
    KeyValue value = row.get().keyValue();
    if (output.isJson()) {
      ObjectNode document = values.json(value);
      output.print(document.put("atRevision", revision));
      return ExitCodes.DONE;
    }
    output.print(
        new Report()
            .fact("key", values.shown(value.getKey()))
            .fact("atRevision", revision)
            .fact("modRevision", value.getModRevision())
            .fact("createRevision", value.getCreateRevision())
            .fact("version", value.getVersion())
            .fact("lease", Long.toHexString(value.getLease()))
            .fact("size", new Report.Size(value.getValue().size()))
            .fact("value", values.shownValue(value.getValue())));
    return ExitCodes.DONE;
  }

  /** One key after another as they are found: memory does not grow with their number. */
  private int showAll(Contents contents, KeyRange range, long revision) throws IOException {
    PrintWriter out = command.commandLine().getOut();
    long[] count = {0};
    contents.rows(
        range,
        revision,
        row -> {
          count[0]++;
          KeyValue value = row.keyValue();
          if (output.isJson()) {
            out.println(ValueOption.line(values.json(value)));
          } else {
            out.println(values.shown(value.getKey()));
            out.println(values.shownValue(value.getValue()));
          }
        });
    out.flush();
    return count[0] == 0 ? ExitCodes.FAILED : ExitCodes.DONE;
  }
}
