package io.lodestone.server.config;

import io.lodestone.settings.InvalidConfigException;
import io.lodestone.settings.YamlFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * etcd's {@code --config-file}: YAML (or JSON, which is YAML) with the flags' names as keys, but
 * TLS in two groups of its own.
 */
final class ConfigFile {
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
    Optional<Object> root = new YamlFile(path).values();
    if (root.isEmpty() || !(root.get() instanceof Map<?, ?> settings)) {
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
