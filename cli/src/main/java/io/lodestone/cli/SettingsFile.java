package io.lodestone.cli;

import io.lodestone.settings.InvalidConfigException;
import io.lodestone.settings.Mistakes;
import io.lodestone.settings.SettingsGroup;
import io.lodestone.settings.YamlFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import java.util.function.Function;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * {@code --config FILE}: YAML whose keys are the command's own options without their dashes. The
 * file stands for the options it names; those that follow it on the command line win.
 */
final class SettingsFile implements IParameterPreprocessor {
  private static final String OPTION = "--config";

  @Override
  @SuppressWarnings("JdkObsolete") // picocli's own interface
  public boolean preprocess(
      Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
    if (arguments.isEmpty()) {
      return false;
    }
    Path file = Path.of(arguments.pop().replaceFirst("^" + OPTION + "=", ""));
    try {
      putInFront(arguments, command, file);
    } catch (InvalidConfigException e) {
      throw new ParameterException(command.commandLine(), e.getMessage() + " " + e.hint(), e);
    }
    return true;
  }

  /** The top of the stack, its end, is what is read next. */
  private static void putInFront(List<String> arguments, CommandSpec command, Path file) {
    List<String> behind = List.copyOf(arguments);
    Mistakes mistakes = new Mistakes(file);
    SettingsGroup settings = SettingsGroup.of(new YamlFile(file), mistakes);
    for (OptionSpec known : command.options()) {
      String name = known.longestName();
      if (!name.equals(OPTION)) {
        List<String> values = settings.values(name.substring(2), Function.identity());
        if (!values.isEmpty() && !isGiven(behind, known)) {
          arguments.add(name + "=" + String.join(",", values));
        }
      }
    }
    settings.checkNames();
    mistakes.check();
  }

  private static boolean isGiven(List<String> arguments, OptionSpec option) {
    for (String name : option.names()) {
      if (arguments.stream().anyMatch(a -> a.equals(name) || a.startsWith(name + "="))) {
        return true;
      }
    }
    return false;
  }
}
