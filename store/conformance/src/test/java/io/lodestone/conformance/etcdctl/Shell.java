package io.lodestone.conformance.etcdctl;

import io.lodestone.conformance.Contestant;
import io.lodestone.peers.EtcdRelease;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the tools of one release against one contestant. Confined to one thread. */
final class Shell {
  private static final long PATIENCE_SECONDS = 100;

  /** A tool that was stopped says with its exit code only that it was stopped. */
  private static final int STOPPED = -1;

  private final EtcdRelease tools;
  private final Contestant contestant;
  private final Path folder;
  private final Map<String, String> captured = new HashMap<>();

  /** {@code folder}, which exists, is the tools' working directory. */
  Shell(EtcdRelease tools, Contestant contestant, Path folder) {
    this.tools = tools;
    this.contestant = contestant;
    this.folder = folder;
    captured.put("endpoint", contestant.endpoint());
  }

  /** Starts the step; {@link Running#finish} waits for it. */
  Running start(Step step) throws IOException {
    List<String> command = new ArrayList<>(List.of(tools.bin().resolve(step.tool()).toString()));
    step.words().forEach(word -> command.add(filledIn(word)));
    Path errors = Files.createTempFile(folder, "errors", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectError(errors.toFile());
    builder.environment().put("ETCDCTL_API", "3");
    if (step.tool().equals("etcdctl")) {
      builder.environment().put("ETCDCTL_ENDPOINTS", contestant.endpoint());
    }
    Process process = builder.start();
    process.getOutputStream().write(step.input().getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    return new Running(step, process, errors);
  }

  private String filledIn(String word) {
    String filled = word;
    for (Map.Entry<String, String> entry : captured.entrySet()) {
      filled = filled.replace("{" + entry.getKey() + "}", entry.getValue());
    }
    return filled;
  }

  /** A step under way. */
  final class Running {
    private final Step step;
    private final Process process;
    private final Path errors;

    private Running(Step step, Process process, Path errors) {
      this.step = step;
      this.process = process;
      this.errors = errors;
    }

    /** Waits for the step's end, or for enough lines and then ends it. */
    Outcome finish() throws IOException, InterruptedException {
      String output = step.lines() == 0 ? everything() : someLines();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(step + " does not end");
      }
      capture(output);
      int code = step.lines() == 0 ? process.exitValue() : STOPPED;
      return new Outcome(code, output, Files.readString(errors));
    }

    private String everything() throws IOException {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private String someLines() throws IOException {
      StringBuilder output = new StringBuilder();
      BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
      for (int i = 0; i < step.lines(); i++) {
        String line = reader.readLine();
        if (line == null) {
          break;
        }
        output.append(line).append('\n');
      }
      process.destroy();
      return output.toString();
    }

    private void capture(String output) {
      for (Map.Entry<String, Pattern> wanted : step.captures().entrySet()) {
        Matcher found = wanted.getValue().matcher(output);
        if (found.find()) {
          captured.put(wanted.getKey(), found.group(1));
        }
      }
    }
  }
}
