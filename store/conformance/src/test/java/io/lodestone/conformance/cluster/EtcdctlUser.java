package io.lodestone.conformance.cluster;

import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** Calls etcdctl, which knows all members, once for each step. */
final class EtcdctlUser extends ToolUser {
  private static final String ERROR = "Error: ";

  private final List<String> command;

  EtcdctlUser(EtcdRelease tools, List<String> endpoints, Queue<Throwable> surprises) {
    super("etcdctl", surprises);
    this.command = List.of(tools.etcdctl().toString(), "--endpoints", String.join(",", endpoints));
  }

  @Override
  void put(String ownKey, String value) throws Failed, InterruptedException {
    String unused = call("put", ownKey, value);
  }

  @Override
  String get(String ownKey) throws Failed, InterruptedException {
    return call("get", ownKey, "--print-value-only").strip();
  }

  private String call(String... words) throws Failed, InterruptedException {
    List<String> whole = new ArrayList<>(command);
    whole.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(whole);
    builder.environment().put("ETCDCTL_API", "3");
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String output = text(process.getInputStream().readAllBytes());
      String errors = text(process.getErrorStream().readAllBytes());
      if (process.waitFor() != 0) {
        throw new Failed(reason(errors));
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Its last word; before it, it tells of each of its attempts. */
  private static String reason(String errors) {
    return errors
        .lines()
        .filter(line -> line.startsWith(ERROR))
        .reduce((first, second) -> second)
        .map(line -> line.substring(ERROR.length()))
        .orElse(errors);
  }
}
