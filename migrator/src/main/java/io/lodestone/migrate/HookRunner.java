package io.lodestone.migrate;

import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs commands of the user's in a shell and waits for them; what they print goes to a file. */
final class HookRunner {
  private final Path log;
  private final Map<String, String> environment;
  private final Duration patience;

  HookRunner(Path log, Map<String, String> environment, Duration patience) {
    this.log = log;
    this.environment = environment;
    this.patience = patience;
  }

  /** Fails where the command does, or takes too long. No command, nothing to do. */
  void run(String name, Optional<String> command) throws IOException, InterruptedException {
    if (command.isEmpty()) {
      return;
    }
    ProcessBuilder builder = new ProcessBuilder(List.of("/bin/sh", "-c", command.get()));
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failed(name, "was not done within " + patience.toSeconds() + " s");
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw failed(name, "ended with exit code " + process.exitValue());
    }
  }

  private LodestoneException failed(String name, String how) {
    return new LodestoneException(
        "the " + name + " command " + how, "what it printed is in " + log + "; mend it and go on");
  }
}
