package io.lodestone.settings;

import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.exceptions.Mark;

/** All the mistakes of one file, each once, in the order of their places. */
public final class Mistakes {
  private final Path file;
  private final SortedSet<Mistake> found = new TreeSet<>();

  public Mistakes(Path file) {
    this.file = file;
  }

  void add(Optional<Mark> place, String message, String hint) {
    int line = place.map(Mark::getLine).orElse(0) + 1;
    int column = place.map(Mark::getColumn).orElse(0) + 1;
    found.add(new Mistake(line, column, message, hint));
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /** Fails with all of them, if there are any. */
  public void check() {
    if (!isEmpty()) {
      throw new InvalidConfigException(
          file + (found.size() == 1 ? " has a mistake:" : " has " + found.size() + " mistakes:"),
          found.stream().map(this::told).collect(Collectors.joining("\n       ")));
    }
  }

  private String told(Mistake mistake) {
    return file.getFileName()
        + ":"
        + mistake.line()
        + ":"
        + mistake.column()
        + ": "
        + mistake.message()
        + "; "
        + mistake.hint();
  }
}
