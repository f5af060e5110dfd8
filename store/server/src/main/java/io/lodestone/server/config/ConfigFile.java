package io.lodestone.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * etcd's {@code --config-file}: YAML (or JSON, which is YAML) with the flags' names as keys, but
 * TLS in two groups of its own.
 */
final class ConfigFile {
  private static final int LARGEST = 1 << 20;
  private static final String CLIENT_TLS = "client-transport-security";
  private static final String PEER_TLS = "peer-transport-security";

  private final Path path;
  private final FlagValues.Builder values;

  private ConfigFile(Path path, FlagValues.Builder values) {
    this.path = path;
    this.values = values;
  }

  static void read(Path path, FlagValues.Builder values) {
    new ConfigFile(path, values).read();
  }

  private void read() {
    Object root = load();
    if (!(root instanceof Map<?, ?> settings)) {
      throw new InvalidConfigException(
          "config file " + path + " is not a list of \"name: value\" lines",
          "use etcd's flags without dashes as names, one on each line");
    }
    for (Map.Entry<?, ?> setting : settings.entrySet()) {
      String key = String.valueOf(setting.getKey());
      switch (key) {
        case CLIENT_TLS -> group(key, "", setting.getValue());
        case PEER_TLS -> group(key, "peer-", setting.getValue());
        default -> set(key, key, setting.getValue());
      }
    }
  }

  private Object load() {
    try {
      if (Files.size(path) > LARGEST) {
        throw new InvalidConfigException(
            "config file " + path + " has more than 1 MiB", "is it the right file?");
      }
      LoadSettings settings = LoadSettings.builder().setLabel(path.toString()).build();
      return new Load(settings).loadFromString(Files.readString(path));
    } catch (IOException e) {
      throw new InvalidConfigException(
          "cannot read config file " + path + ": " + e.getMessage(),
          "check the path and its permissions",
          e);
    } catch (YamlEngineException e) {
      throw new InvalidConfigException(
          "config file " + path + " is not YAML: " + e.getMessage(), "mend the line it names", e);
    }
  }

  private void group(String name, String prefix, Object value) {
    if (!(value instanceof Map<?, ?> settings)) {
      throw new InvalidConfigException(
          name + " in config file " + path + " is not a group", "indent its settings below it");
    }
    for (Map.Entry<?, ?> setting : settings.entrySet()) {
      String key = String.valueOf(setting.getKey());
      set(name + "." + key, prefix + key, setting.getValue());
    }
  }

  private void set(String shown, String name, Object value) {
    Optional<Flag> flag = Flags.named(name);
    if (flag.isEmpty()) {
      values.notice(
          String.format(
              "unknown setting \"%s\" in config file %s; did you mean %s?",
              shown, path, Flags.nearest(name)));
    } else if (value != null) {
      values.set(flag.get(), text(flag.get(), value), "\"" + shown + "\" in config file " + path);
    }
  }

  /** etcd reads a bare number for a duration as nanoseconds. */
  private static String text(Flag flag, Object value) {
    if (value instanceof List<?> items) {
      return items.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
    boolean nanoseconds = flag.kind() == Flag.Kind.DURATION && value instanceof Number;
    return nanoseconds ? value + "ns" : String.valueOf(value);
  }
}
