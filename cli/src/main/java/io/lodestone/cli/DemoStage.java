package io.lodestone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.api.LodestoneException;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.JavaProgram;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where {@link Demo} plays: a temporary folder, and commands that are shown and then run, each in a
 * process of its own. Closing removes the folder.
 */
final class DemoStage implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final PrintWriter out;
  private final Path folder;

  DemoStage(PrintWriter out) throws IOException {
    this.out = out;
    this.folder = Files.createTempDirectory("lodestone-demo-");
  }

  void say(String line) {
    out.println(line);
  }

  /** A new folder, below the one of the demo. */
  Path folder(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  /** Shows a command, and starts it. */
  ChildProcess start(Map<String, String> environment, List<String> arguments) throws IOException {
    say("  $ lodestone " + String.join(" ", arguments));
    return process(environment, arguments);
  }

  private ChildProcess process(Map<String, String> environment, List<String> arguments)
      throws IOException {
    List<String> command =
        JavaProgram.command(Lodestone.class, List.of("-Xmx112m"), arguments.toArray(String[]::new));
    return ChildProcess.start(
        command, environment, Files.createTempFile(folder, "lodestone-", ".log"));
  }

  /** Shows a command, runs it to its end, and returns what it reports. */
  JsonNode run(Map<String, String> environment, List<String> arguments)
      throws IOException, InterruptedException {
    try (ChildProcess process = start(environment, reporting(arguments))) {
      Optional<JsonNode> report = report(process);
      if (report.isEmpty()) {
        throw new LodestoneException(
            process.output(), "the demo ends here; the message above is the command's");
      }
      return report.get();
    }
  }

  /** What a command reports that is not shown; empty where it fails. */
  private Optional<JsonNode> ask(Map<String, String> environment, List<String> arguments)
      throws IOException, InterruptedException {
    try (ChildProcess process = process(environment, reporting(arguments))) {
      return report(process);
    }
  }

  private static List<String> reporting(List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--output", "json"));
    return all;
  }

  private static Optional<JsonNode> report(ChildProcess process)
      throws IOException, InterruptedException {
    if (process.waitFor(PATIENCE.toSeconds()) != ExitCodes.DONE) {
      return Optional.empty();
    }
    return Optional.of(
        new ObjectMapper()
            .readTree(
                process
                    .output()
                    .lines()
                    .dropWhile(line -> !line.startsWith("{"))
                    .collect(Collectors.joining("\n"))));
  }

  /** Whether a command that is not shown does what it should. */
  boolean succeeds(List<String> arguments) throws IOException, InterruptedException {
    return ask(Map.of(), arguments).isPresent();
  }

  /** The last revision in a repository; 0 where there is no backup yet. */
  long captured(Map<String, String> environment, String repository)
      throws IOException, InterruptedException {
    return ask(environment, List.of("backup", "describe", "--repository", repository))
        .map(described -> described.path("lastRevision").asLong())
        .orElse(0L);
  }

  /** The arguments that restore into {@code target} for the members of {@code plan}. */
  static List<String> restoreOf(String repository, EtcdCluster.Plan plan, Path target) {
    String members =
        plan.peerUrls().entrySet().stream()
            .map(member -> member.getKey() + "=" + member.getValue())
            .collect(Collectors.joining(","));
    return List.of(
        "restore",
        "--repository",
        repository,
        "--initial-cluster",
        members,
        "--initial-cluster-token",
        plan.token(),
        "--data-dir",
        target.toString());
  }

  @Override
  public void close() throws IOException {
    DurableFiles.deleteTree(folder);
  }
}
