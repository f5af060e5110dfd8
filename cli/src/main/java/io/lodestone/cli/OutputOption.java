package io.lodestone.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --output}, and the printing that goes with it. */
final class OutputOption {
  enum Form {
    TABLE,
    JSON
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = {"-o", "--output"},
      defaultValue = "table",
      description = "table (for people) or json; default: table")
  private Form form = Form.TABLE;

  boolean isJson() {
    return form == Form.JSON;
  }

  /** Prints a document that is JSON in any case. */
  void print(ObjectNode document) {
    command.commandLine().getOut().println(document.toPrettyString());
    command.commandLine().getOut().flush();
  }

  void print(Report report) {
    command.commandLine().getOut().print(form == Form.JSON ? report.json() : report.text());
    command.commandLine().getOut().flush();
  }
}
