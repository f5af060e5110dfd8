package io.lodestone.backup.config;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.keys.Keyset;
import io.lodestone.repository.keys.Keysets;
import io.lodestone.settings.SettingsGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Secrets by reference: {@code <name>-file}, whose first line is the secret, or {@code <name>-env},
 * a variable. Never in the settings themselves, never in a message. Immutable.
 */
final class Secrets {
  private final Map<String, String> environment;

  Secrets(Map<String, String> environment) {
    this.environment = environment;
  }

  /** The secret that {@code group} refers to; empty where it names none, or a mistake was found. */
  Optional<String> find(SettingsGroup group, String name) {
    String file = name + "-file";
    String variable = name + "-env";
    if (group.has(file) && group.has(variable)) {
      group.mistake(variable, file + " and " + variable + " are both given", "keep one of them");
    }
    if (group.has(name)) {
      group.mistake(
          name,
          "'" + name + "' does not belong into a settings file",
          "write " + file + " instead");
    }
    Optional<String> inFile = group.value(file, Secrets::firstLine);
    return inFile.or(() -> group.value(variable, this::variable));
  }

  /** The keys whose address {@code group} gives; read now, so that a wrong one is told now. */
  Optional<Keyset> keyset(SettingsGroup group, String name) {
    return group.value(name, this::keyset);
  }

  private Keyset keyset(String address) {
    try {
      return Keysets.open(address, environment::get);
    } catch (IOException e) {
      throw new LodestoneException(
          "cannot read " + address + " (" + e.getClass().getSimpleName() + ")",
          "check the path and its permissions",
          e);
    }
  }

  private static String firstLine(String path) {
    try (Stream<String> lines = Files.lines(Path.of(path))) {
      return lines
          .findFirst()
          .filter(line -> !line.isEmpty())
          .orElseThrow(
              () ->
                  new LodestoneException(
                      path + " is empty", "write the secret into its first line"));
    } catch (IOException e) {
      throw new LodestoneException(
          "cannot read " + path + " (" + e.getClass().getSimpleName() + ")",
          "check the path and its permissions",
          e);
    }
  }

  private String variable(String name) {
    return Optional.ofNullable(environment.get(name))
        .filter(value -> !value.isEmpty())
        .orElseThrow(
            () -> new LodestoneException("the variable " + name + " is not set", "set it"));
  }
}
