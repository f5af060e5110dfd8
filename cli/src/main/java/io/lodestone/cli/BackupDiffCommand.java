package io.lodestone.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.repository.Contents;
import io.lodestone.repository.KeyChange;
import io.lodestone.repository.KeyVersion;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code backup diff}: what has changed between two points. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Shows which keys differ between two points: + added, ~ changed, - deleted from the first to the second.",
      "A key that was changed and changed back counts as changed. JSON comes as one object a line."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lodestone backup diff --from 48000 --to 48213 --repository file:/backups/prod",
      "  lodestone backup diff --from 2026-11-01T11:00:00Z --to 2026-11-01T12:00:00Z \\",
      "      --prefix /registry/secrets/ --repository file:/backups/prod --output json"
    })
final class BackupDiffCommand implements Callable<Integer> {
  @Spec private CommandSpec command;
  @Mixin private final Inside inside = new Inside();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--from",
      required = true,
      paramLabel = "REV|TIME",
      description = "the first point")
  private String from = "";

  @Option(names = "--to", paramLabel = "REV|TIME", description = "the second; default: the newest")
  private Optional<String> to = Optional.empty();

  @Option(names = "--prefix", paramLabel = "P", description = "only keys that begin with this")
  private String prefix = "";

  @Override
  public Integer call() throws IOException {
    return inside.ask(this::show);
  }

  private int show(Repository repository, Lineage lineage, Contents contents) throws IOException {
    long first = PointOption.revision(repository, lineage, from);
    long second =
        to.isPresent()
            ? PointOption.revision(repository, lineage, to.get())
            : contents.newestRevision();
    PrintWriter out = command.commandLine().getOut();
    contents.diff(
        KeyRange.prefix(KeyOption.bytes(prefix)),
        first,
        second,
        change -> out.println(output.isJson() ? json(change) : text(change)));
    out.flush();
    return ExitCodes.DONE;
  }

  private static String json(KeyChange change) {
    ObjectNode line = ValueOption.JSON.createObjectNode();
    ValueOption.putBytes(line, "key", change.key());
    line.put("change", change.kind().name().toLowerCase(Locale.ROOT));
    change.before().ifPresent(version -> line.set("before", ValueOption.json(version)));
    change.after().ifPresent(version -> line.set("after", ValueOption.json(version)));
    return ValueOption.line(line);
  }

  private static String text(KeyChange change) {
    ByteString key = change.key();
    String sign =
        switch (change.kind()) {
          case ADDED -> "+";
          case CHANGED -> "~";
          case DELETED -> "-";
        };
    return sign + " " + ShownBytes.ESCAPED.of(key) + "  (" + revisions(change) + ")";
  }

  private static String revisions(KeyChange change) {
    String before = change.before().map(KeyVersion::revision).map(String::valueOf).orElse("");
    String after = change.after().map(KeyVersion::revision).map(String::valueOf).orElse("");
    return switch (change.kind()) {
      case ADDED -> after;
      case DELETED -> before;
      case CHANGED -> before + " -> " + after;
    };
  }
}
