package io.lodestone.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiFunction;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A file of settings in YAML (or JSON, which is YAML), of at most 1 MiB. Whatever cannot be read
 * becomes an {@link InvalidConfigException} that names the file. Immutable.
 */
public final class YamlFile {
  private static final int LARGEST = 1 << 20;

  private final Path path;

  public YamlFile(Path path) {
    this.path = path;
  }

  /** The document as maps, lists, strings, numbers and booleans; empty if it has none. */
  public Optional<Object> values() {
    return parsed((settings, text) -> Optional.ofNullable(new Load(settings).loadFromString(text)));
  }

  /** The document with the places of all its parts; empty if it has none. */
  Optional<Node> nodes() {
    return parsed((settings, text) -> new Compose(settings).composeString(text));
  }

  Path path() {
    return path;
  }

  private <T> T parsed(BiFunction<LoadSettings, String, T> parser) {
    try {
      if (Files.size(path) > LARGEST) {
        throw new InvalidConfigException(
            "config file " + path + " has more than 1 MiB", "is it the right file?");
      }
      LoadSettings settings = LoadSettings.builder().setLabel(path.toString()).build();
      return parser.apply(settings, Files.readString(path));
    } catch (IOException e) {
      throw new InvalidConfigException(
          "cannot read config file " + path + ": " + reason(e),
          "check the path and its permissions",
          e);
    } catch (YamlEngineException e) {
      throw new InvalidConfigException(
          "config file " + path + " is not YAML: " + e.getMessage(), "mend the line it names", e);
    }
  }

  private static String reason(IOException failure) {
    return failure instanceof NoSuchFileException
        ? "there is no such file"
        : String.valueOf(failure.getMessage());
  }
}
