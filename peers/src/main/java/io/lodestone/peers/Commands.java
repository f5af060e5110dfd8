package io.lodestone.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a program to its end. */
public final class Commands {
  private Commands() {}

  /**
   * What {@code command} printed, output and errors together; an {@link IOException} with it where
   * the exit code is not 0.
   */
  public static String run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", "3");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(
          String.join(" ", command) + " failed with exit code " + code + ":\n" + output);
    }
    return output;
  }
}
