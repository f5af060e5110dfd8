package io.lodestone.cli;

import static org.awaitility.Awaitility.await;

import io.lodestone.peers.ChildProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code backup run} as a process. Closing it sends SIGTERM and expects exit code 0. */
final class RunningAgent implements AutoCloseable {
  private final String repository;
  private final ChildProcess process;

  RunningAgent(Path log, List<String> endpoints, String repository, String... more)
      throws IOException {
    this.repository = repository;
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "backup",
                "run",
                "--endpoints",
                String.join(",", endpoints),
                "--repository",
                repository));
    arguments.addAll(List.of("--seal-interval", "200ms"));
    arguments.addAll(Arrays.asList(more));
    process = Cli.start(log, arguments.toArray(String[]::new));
  }

  /** Waits until it is the one that writes. */
  void awaitWriting() {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> output().contains("writing behind the end of the log"));
  }

  /** Waits until everything up to {@code revision} is durable, whoever has written it. */
  void awaitDurable(long revision) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(300))
        .until(() -> durable() >= revision);
  }

  private long durable() throws IOException {
    if (!process.isAlive()) {
      throw new AssertionError("the agent ended: " + process.output());
    }
    Cli.Outcome description =
        Cli.run("backup", "describe", "--repository", repository, "--output", "json");
    return description.exitCode() == 0 ? description.json().path("lastRevision").asLong() : 0;
  }

  /** Waits until the agent ends by itself; returns its exit code. */
  int awaitEnd(long seconds) throws Exception {
    return process.waitFor(seconds);
  }

  /** What the agent has said so far. */
  String output() throws IOException {
    return process.output();
  }

  @Override
  public void close() {
    process.close();
    try {
      if (process.waitFor(1) != 0) {
        throw new AssertionError("the agent did not end in order:\n" + process.output());
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
