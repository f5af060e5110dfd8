package io.lodestone.server.config;

import io.lodestone.settings.GoDuration;
import io.lodestone.settings.InvalidConfigException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What flags were set to, checked to be of their kind. Immutable. */
final class FlagValues {
  private final Map<Flag, String> set;
  private final List<String> notices;

  private FlagValues(Map<Flag, String> set, List<String> notices) {
    this.set = Map.copyOf(set);
    this.notices = List.copyOf(notices);
  }

  boolean isSet(Flag flag) {
    return set.containsKey(flag);
  }

  String text(Flag flag) {
    return set.getOrDefault(flag, flag.fallback());
  }

  Optional<String> optional(Flag flag) {
    return Optional.of(text(flag)).filter(text -> !text.isEmpty());
  }

  boolean on(Flag flag) {
    return Booleans.parse(text(flag)).orElseThrow();
  }

  long number(Flag flag) {
    return Long.parseLong(text(flag));
  }

  Duration duration(Flag flag) {
    return GoDuration.parse(text(flag)).orElseThrow();
  }

  List<String> list(Flag flag) {
    return Arrays.stream(text(flag).split(",", -1))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }

  /** What the log should say about them. */
  List<String> notices() {
    return notices;
  }

  /** Collects values; the first to set a flag wins. Confined to one thread. */
  static final class Builder {
    private final Map<Flag, String> set = new HashMap<>();
    private final List<String> notices = new ArrayList<>();

    /**
     * Sets a flag; where it has a value already, that one stays.
     *
     * @param where the words of an error, for example {@code flag -name}
     */
    void set(Flag flag, String value, String where) {
      if (!fits(flag, value)) {
        throw new InvalidConfigException(
            "invalid value \"" + value + "\" for " + where + ": parse error",
            "--" + flag.name() + " takes " + flag.kind().hint());
      }
      if (set.putIfAbsent(flag, value) != null) {
        notices.add(where + " is ignored: the command line says otherwise");
      } else if (flag.use() == Flag.Use.POINTLESS) {
        notices.add("--" + flag.name() + " has no effect here: " + flag.help());
      }
    }

    /** Sets a flag as the command line does, where the last one wins. */
    void replace(Flag flag, String value, String where) {
      set.remove(flag);
      set(flag, value, where);
    }

    void notice(String notice) {
      notices.add(notice);
    }

    Optional<String> get(Flag flag) {
      return Optional.ofNullable(set.get(flag));
    }

    FlagValues build() {
      return new FlagValues(set, notices);
    }

    private static boolean fits(Flag flag, String value) {
      return switch (flag.kind()) {
        case SWITCH -> Booleans.parse(value).isPresent();
        case NUMBER -> value.matches("-?\\d{1,18}");
        case DURATION -> GoDuration.parse(value).isPresent();
        case TEXT, URLS, LIST -> true;
      };
    }
  }
}
