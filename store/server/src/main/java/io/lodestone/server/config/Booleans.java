package io.lodestone.server.config;

import java.util.Optional;

/** Truth as Go's flags spell it. */
final class Booleans {
  private Booleans() {}

  static Optional<Boolean> parse(String text) {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> Optional.of(true);
      case "0", "f", "F", "false", "FALSE", "False" -> Optional.of(false);
      default -> Optional.empty();
    };
  }
}
