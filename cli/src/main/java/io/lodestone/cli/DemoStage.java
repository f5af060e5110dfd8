package io.lodestone.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lodestone.api.LodestoneException;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx112m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Lodestone.class.getName()));
    command.addAll(arguments);
    return ChildProcess.start(
        command, environment, Files.createTempFile(folder, "lodestone-", ".log"));
  }

  /** Shows a command, runs it to its end, and returns what it reports. */
  JsonNode run(Map<String, String> environment, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--output", "json"));
    try (ChildProcess process = start(environment, all)) {
      if (process.waitFor(PATIENCE.toSeconds()) != ExitCodes.DONE) {
        throw new LodestoneException(
            process.output(), "the demo ends here; the message above is the command's");
      }
      return json(
          process
              .output()
              .lines()
              .dropWhile(line -> !line.startsWith("{"))
              .collect(Collectors.joining("\n")));
    }
  }

  /** What a command reports that is run here, unseen; empty where it fails. */
  static Optional<JsonNode> ask(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--output", "json"));
    StringWriter answer = new StringWriter();
    int code =
        Lodestone.run(
            new Shutdown(),
            new PrintWriter(answer),
            new PrintWriter(new StringWriter()),
            all.toArray(String[]::new));
    return code == ExitCodes.DONE ? Optional.of(json(answer.toString())) : Optional.empty();
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
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
