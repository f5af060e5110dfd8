package io.lodestone.cli;

import java.util.List;
import picocli.CommandLine.Option;

/** Which replica is meant. */
final class ReplicaOption {
  @Option(
      names = "--replica",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:2389",
      description = "where the replica serves; default: 127.0.0.1:2389")
  private String endpoint = "127.0.0.1:2389";

  List<String> endpoints() {
    return List.of(endpoint);
  }
}
