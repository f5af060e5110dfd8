package io.lodestone.settings;

import io.lodestone.api.LodestoneException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A group of named settings in a YAML file. What is asked for is remembered: {@link #checkNames}
 * then finds what nobody asks for. Values that cannot be used go to the {@link Mistakes}, with
 * their places, and count as absent.
 *
 * <p>A group may have a second one of defaults, whose settings hold where the first has none.
 */
public final class SettingsGroup {
  private final String name;
  private final Optional<Mark> place;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Mistakes mistakes;
  private final Optional<SettingsGroup> defaults;
  private final Set<String> asked = new TreeSet<>();

  private record Entry(Optional<Mark> place, Node value) {}

  private SettingsGroup(
      String name, Optional<Mark> place, Mistakes mistakes, Optional<SettingsGroup> defaults) {
    this.name = name;
    this.place = place;
    this.mistakes = mistakes;
    this.defaults = defaults;
  }

  /** The outermost group of a file; an empty one, and a mistake, if it is something else. */
  public static SettingsGroup of(YamlFile file, Mistakes mistakes) {
    Optional<Node> root = file.nodes();
    if (root.isEmpty()) {
      mistakes.add(Optional.empty(), "the file is empty", "write settings as \"name: value\"");
      return new SettingsGroup("the file", Optional.empty(), mistakes, Optional.empty());
    }
    return of("the file", root.get(), mistakes, Optional.empty());
  }

  private static SettingsGroup of(
      String name, Node node, Mistakes mistakes, Optional<SettingsGroup> defaults) {
    SettingsGroup group = new SettingsGroup(name, node.getStartMark(), mistakes, defaults);
    if (node instanceof MappingNode mapping) {
      mapping.getValue().forEach(group::add);
    } else if (!isNull(node)) {
      mistakes.add(
          node.getStartMark(),
          name + " is not a group of settings",
          "write its settings below it, indented, as \"name: value\"");
    }
    return group;
  }

  private void add(NodeTuple pair) {
    Node key = pair.getKeyNode();
    String named = key instanceof ScalarNode scalar ? scalar.getValue() : key.toString();
    Entry before = entries.putIfAbsent(named, new Entry(key.getStartMark(), pair.getValueNode()));
    if (before != null) {
      mistakes.add(key.getStartMark(), "'" + named + "' stands here twice", "keep one of them");
    }
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  /** The entry in this group or in its defaults; one without a value is as if absent. */
  private Optional<Entry> find(String setting) {
    asked.add(setting);
    Optional<Entry> inherited = defaults.flatMap(group -> group.find(setting));
    return Optional.ofNullable(entries.get(setting))
        .filter(entry -> !isNull(entry.value()))
        .or(() -> inherited);
  }

  public boolean has(String setting) {
    return find(setting).isPresent();
  }

  /** Whether it is there and is one value, not a group or a list. */
  public boolean isText(String setting) {
    return find(setting).filter(entry -> entry.value() instanceof ScalarNode).isPresent();
  }

  public Optional<String> text(String setting) {
    return value(setting, Function.identity());
  }

  /**
   * One value, made by {@code parser} from its text; empty where it is absent, and where the parser
   * refuses it by a LodestoneException, which becomes a mistake.
   */
  public <T> Optional<T> value(String setting, Function<String, T> parser) {
    return find(setting).flatMap(entry -> parsed(setting, entry.value(), parser));
  }

  /** The same; to be absent is a mistake. */
  public <T> Optional<T> required(String setting, String hint, Function<String, T> parser) {
    if (!has(setting)) {
      mistakes.add(place, name + " has no '" + setting + "'", hint);
    }
    return value(setting, parser);
  }

  /** A list of values; one value alone counts as a list of one. Empty where it is absent. */
  public <T> List<T> values(String setting, Function<String, T> parser) {
    List<T> all = new ArrayList<>();
    Optional<Entry> entry = find(setting);
    if (entry.isPresent() && entry.get().value() instanceof SequenceNode list) {
      list.getValue().forEach(item -> parsed(setting, item, parser).ifPresent(all::add));
    } else {
      entry.flatMap(one -> parsed(setting, one.value(), parser)).ifPresent(all::add);
    }
    return all;
  }

  private <T> Optional<T> parsed(String setting, Node node, Function<String, T> parser) {
    if (!(node instanceof ScalarNode scalar)) {
      mistakes.add(node.getStartMark(), "'" + setting + "' is not one value", "write one value");
      return Optional.empty();
    }
    try {
      return Optional.of(parser.apply(scalar.getValue()));
    } catch (LodestoneException e) {
      mistakes.add(node.getStartMark(), setting + ": " + e.getMessage(), e.hint());
      return Optional.empty();
    }
  }

  /** A group inside this one; an empty one where it is absent. */
  public SettingsGroup group(String setting) {
    asked.add(setting);
    Optional<SettingsGroup> inherited =
        defaults.filter(group -> !group.isText(setting)).map(group -> group.group(setting));
    Entry entry = entries.get(setting);
    return entry == null
        ? new SettingsGroup("'" + setting + "'", place, mistakes, inherited)
        : of("'" + setting + "'", entry.value(), mistakes, inherited);
  }

  /** The groups inside this one, by name, each with {@code common} as its defaults. */
  public Map<String, SettingsGroup> groups(SettingsGroup common) {
    Map<String, SettingsGroup> all = new LinkedHashMap<>();
    entries.forEach(
        (named, entry) ->
            all.put(named, of("'" + named + "'", entry.value(), mistakes, Optional.of(common))));
    return all;
  }

  /** Notes a mistake in a setting of this group, or in the group where it lacks that setting. */
  public void mistake(String setting, String message, String hint) {
    mistakes.add(find(setting).map(Entry::place).orElse(place), message, hint);
  }

  /** Notes a mistake in the group as a whole. */
  public void mistake(String message, String hint) {
    mistakes.add(place, message, hint);
  }

  /** Finds the settings here, and in the defaults, that nobody has asked for. */
  public void checkNames() {
    entries.forEach(
        (named, entry) -> {
          if (!asked.contains(named)) {
            mistakes.add(entry.place(), "unknown setting '" + named + "'", meant(named));
          }
        });
    defaults.ifPresent(SettingsGroup::checkNames);
  }

  private String meant(String named) {
    return Spelling.nearest(named, asked)
        .map(nearest -> "did you mean '" + nearest + "'?")
        .orElse("remove it");
  }
}
