package io.lodestone.cli;

import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * {@code --config FILE}: YAML whose keys are the command's own options without their dashes. The
 * file stands for the options it names; those that follow it on the command line win.
 */
final class SettingsFile implements IParameterPreprocessor {
  private static final String OPTION = "--config";
  private static final long LARGEST = 1 << 20;

  @Override
  @SuppressWarnings("JdkObsolete") // picocli's own interface
  public boolean preprocess(
      Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
    if (arguments.isEmpty()) {
      return false;
    }
    Path file = Path.of(arguments.pop().replaceFirst("^" + OPTION + "=", ""));
    Deque<String> settings = new ArrayDeque<>();
    for (NodeTuple setting : mapping(file).getValue()) {
      String name = "--" + scalar(file, setting.getKeyNode());
      OptionSpec known = command.optionsMap().get(name);
      if (known == null || OPTION.equals(name)) {
        throw invalid(file, setting.getKeyNode(), "there is no setting " + name.substring(2));
      }
      if (!isGiven(arguments, known)) {
        settings.push(name + "=" + value(file, setting.getValueNode()));
      }
    }
    settings.forEach(arguments::push);
    return true;
  }

  private static boolean isGiven(List<String> arguments, OptionSpec option) {
    for (String name : option.names()) {
      if (arguments.stream().anyMatch(a -> a.equals(name) || a.startsWith(name + "="))) {
        return true;
      }
    }
    return false;
  }

  private static MappingNode mapping(Path file) {
    try {
      if (Files.size(file) > LARGEST) {
        throw new LodestoneException(file + " has more than 1 MiB", "is it the right file?");
      }
      LoadSettings settings =
          LoadSettings.builder().setLabel(file.toString()).setUseMarks(true).build();
      Node root =
          new Compose(settings)
              .composeString(Files.readString(file))
              .orElseThrow(() -> new LodestoneException(file + " is empty", "write its settings"));
      if (root instanceof MappingNode mapping) {
        return mapping;
      }
      throw invalid(file, root, "these are not lines of \"name: value\"");
    } catch (IOException e) {
      throw new LodestoneException(
          "cannot read " + file + ": " + e.getMessage(), "check the path and its permissions", e);
    } catch (YamlEngineException e) {
      throw new LodestoneException(
          file + " is not YAML: " + e.getMessage(), "mend the line it names", e);
    }
  }

  private static String value(Path file, Node node) {
    if (node instanceof SequenceNode list) {
      List<String> items = new ArrayList<>();
      list.getValue().forEach(item -> items.add(scalar(file, item)));
      return String.join(",", items);
    }
    return scalar(file, node);
  }

  private static String scalar(Path file, Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw invalid(file, node, "a name or a value is expected here");
  }

  private static LodestoneException invalid(Path file, Node node, String what) {
    String place = node.getStartMark().map(SettingsFile::spoken).orElse("");
    return new LodestoneException(
        file + place + ": " + what, "its settings are the command's options: see --help");
  }

  private static String spoken(Mark mark) {
    return ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
  }
}
