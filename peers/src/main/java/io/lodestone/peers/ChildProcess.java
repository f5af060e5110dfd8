package io.lodestone.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program started by us, its output in a file, ended by its own handle. Confined to one thread.
 */
public final class ChildProcess implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 10;

  private final Process process;
  private final Path output;

  private ChildProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts {@code command}; its standard output and error are appended to {@code output}. */
  public static ChildProcess start(
      List<String> command, Map<String, String> environment, Path output) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    builder.environment().putAll(environment);
    return new ChildProcess(builder.start(), output);
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  /**
   * Waits for the program to end by itself; returns its exit code, or fails after {@code seconds}.
   */
  public int waitFor(long seconds) throws IOException, InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new IOException("process " + process.pid() + " still runs after " + seconds + " s");
    }
    return process.exitValue();
  }

  /** Watches the program for a while; true as soon as it has ended. */
  public boolean endsWithin(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What it has printed so far. */
  public String output() throws IOException {
    return Files.exists(output) ? Files.readString(output) : "";
  }

  /** SIGKILL: the program gets no chance to finish anything. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** SIGTERM, and SIGKILL for those who do not listen. */
  @Override
  public void close() {
    process.destroy();
    if (!awaitEnd()) {
      kill();
    }
  }

  private boolean awaitEnd() {
    try {
      return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
