package io.lodestone.server.config;

import io.lodestone.settings.InvalidConfigException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Reads flags from a command line ({@code --a=b}, {@code --a b}, one dash or two) and variables.
 */
final class FlagReader {
  private static final String VARIABLE_PREFIX = "ETCD_";

  private FlagReader() {}

  static void readCommandLine(List<String> arguments, FlagValues.Builder values) {
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      String argument = rest.next();
      String typed = argument.replaceFirst("^--?", "");
      if (typed.equals(argument) || typed.isEmpty()) {
        throw new InvalidConfigException(
            "'" + argument + "' is not a valid flag", "flags begin with dashes; see --help");
      }
      int equals = typed.indexOf('=');
      Flag flag = flag(equals < 0 ? typed : typed.substring(0, equals));
      String where = "flag -" + flag.name();
      if (equals >= 0) {
        values.replace(flag, typed.substring(equals + 1), where);
      } else if (flag.kind() == Flag.Kind.SWITCH) {
        values.replace(flag, "true", where);
      } else if (rest.hasNext()) {
        values.replace(flag, rest.next(), where);
      } else {
        throw new InvalidConfigException(
            "flag needs an argument: -" + flag.name(),
            "--" + flag.name() + " takes " + flag.kind().hint());
      }
    }
  }

  private static Flag flag(String name) {
    return Flags.named(name)
        .orElseThrow(
            () ->
                new InvalidConfigException(
                    "flag provided but not defined: -" + name,
                    "did you mean --" + Flags.nearest(name) + "? --help lists them all"));
  }

  /** Variables that begin with ETCD_; the unknown ones are only mentioned, as etcd does. */
  static void readEnvironment(Map<String, String> environment, FlagValues.Builder values) {
    for (Flag flag : Flags.all()) {
      String value = environment.getOrDefault(flag.variable(), "");
      if (!value.isEmpty()) {
        values.set(flag, value, flag.variable());
      }
    }
    for (String variable : environment.keySet()) {
      boolean known = Flags.all().stream().anyMatch(flag -> flag.variable().equals(variable));
      if (variable.startsWith(VARIABLE_PREFIX) && !known) {
        values.notice("unrecognized environment variable " + variable);
      }
    }
  }
}
