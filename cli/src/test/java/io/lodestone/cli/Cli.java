package io.lodestone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.JavaProgram;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Runs the program in this process, and as a process of its own where it must be killed. */
final class Cli {
  /** What one command did. */
  record Outcome(int exitCode, String out, String err) {
    JsonNode json() throws IOException {
      return new ObjectMapper().readTree(out);
    }
  }

  private Cli() {}

  static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Lodestone.run(new Shutdown(), new PrintWriter(out), new PrintWriter(err), arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  /** The JSON report of a command that must succeed. */
  static JsonNode report(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--output", "json"));
    Outcome outcome = run(all.toArray(String[]::new));
    if (outcome.exitCode() != 0) {
      throw new AssertionError(
          String.join(" ", all) + " ended with " + outcome.exitCode() + ":\n" + outcome.err());
    }
    return outcome.json();
  }

  /** The same program in a process of its own. */
  static ChildProcess start(Path log, String... arguments) throws IOException {
    return start(log, Map.of(), arguments);
  }

  /** The same with variables of its own. */
  static ChildProcess start(Path log, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command =
        JavaProgram.command(Lodestone.class, List.of("-Xmx128m", "-Xshare:auto"), arguments);
    return ChildProcess.start(command, environment, log);
  }
}
