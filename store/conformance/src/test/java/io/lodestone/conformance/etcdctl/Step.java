package io.lodestone.conformance.etcdctl;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One command line of a script. Words may contain {@code {name}}, which stands for what an earlier
 * step has captured on the same side. Immutable.
 *
 * @param tool {@code etcdctl} or {@code etcdutl}
 * @param input what the tool reads
 * @param lines 0 for a tool that ends by itself; otherwise it is stopped once it has printed so
 *     many
 * @param captures by name, patterns whose first group is found in the output
 * @param measured whether numbers in the output are measurements, which are not compared
 * @param later whether to begin in a later second than the step before
 */
record Step(
    String tool,
    List<String> words,
    String input,
    int lines,
    Map<String, Pattern> captures,
    boolean measured,
    boolean later) {

  /** {@code command} is split at blanks; an underscore alone is an empty word. */
  static Step etcdctl(String command) {
    return new Step("etcdctl", split(command), "", 0, Map.of(), false, false);
  }

  static Step etcdutl(String command) {
    return new Step("etcdutl", split(command), "", 0, Map.of(), false, false);
  }

  Step reading(String text) {
    return new Step(tool, words, text, lines, captures, measured, later);
  }

  Step untilLines(int count) {
    return new Step(tool, words, input, count, captures, measured, later);
  }

  Step capturing(String name, String pattern) {
    return new Step(
        tool, words, input, lines, Map.of(name, Pattern.compile(pattern)), measured, later);
  }

  Step measuring() {
    return new Step(tool, words, input, lines, captures, true, later);
  }

  Step inALaterSecond() {
    return new Step(tool, words, input, lines, captures, measured, true);
  }

  private static List<String> split(String command) {
    List<String> words = new ArrayList<>();
    for (String word : command.split(" ", -1)) {
      words.add(word.equals("_") ? "" : word);
    }
    return List.copyOf(words);
  }

  @Override
  public String toString() {
    return tool + " " + String.join(" ", words);
  }
}
