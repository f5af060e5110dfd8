package io.lodestone.server.config;

import io.lodestone.settings.InvalidConfigException;
import java.util.List;
import java.util.Locale;

/**
 * What the log says, how and where. Immutable.
 *
 * @param outputs {@code default}, {@code stdout}, {@code stderr} or files
 */
public record LogConfig(Level level, Format format, List<String> outputs) {
  private static final String DEFAULT_OUTPUT = "default";
  private static final String JOURNAL = "systemd/journal";

  /** What is less grave is not said. */
  public enum Level {
    DEBUG,
    INFO,
    WARN,
    ERROR,
    PANIC,
    FATAL
  }

  /** How a line looks. */
  public enum Format {
    CONSOLE,
    JSON
  }

  public LogConfig {
    outputs = List.copyOf(outputs);
  }

  static LogConfig of(FlagValues values) {
    List<String> outputs = values.list(Flags.LOG_OUTPUTS);
    if (outputs.size() > 1 && outputs.contains(DEFAULT_OUTPUT)) {
      throw new InvalidConfigException(
          "multi logoutput for \"" + DEFAULT_OUTPUT + "\" is not supported yet",
          "say stderr instead of default");
    }
    if (outputs.contains(JOURNAL)) {
      throw new InvalidConfigException(
          "there is no log output \"" + JOURNAL + "\"",
          "say stderr: systemd takes it into the journal");
    }
    return new LogConfig(
        choice(values, Flags.LOG_LEVEL, Level.class, "unrecognized level: "),
        choice(values, Flags.LOG_FORMAT, Format.class, "unknown log format: "),
        outputs.isEmpty() ? List.of(DEFAULT_OUTPUT) : outputs);
  }

  private static <T extends Enum<T>> T choice(
      FlagValues values, Flag flag, Class<T> choices, String refusal) {
    String typed = values.text(flag);
    for (T choice : choices.getEnumConstants()) {
      if (choice.name().equals(typed.toUpperCase(Locale.ROOT))) {
        return choice;
      }
    }
    throw new InvalidConfigException(
        refusal + "\"" + typed + "\"", "--" + flag.name() + " takes " + flag.help());
  }
}
