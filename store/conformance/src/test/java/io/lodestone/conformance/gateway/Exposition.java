package io.lodestone.conformance.gateway;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What {@code /metrics} has told. Labels stand in order of their names, and bounds of buckets as
 * Java writes them. Immutable.
 *
 * @param types by the metric's name
 * @param values by the sample's name and labels
 */
record Exposition(Map<String, String> types, Map<String, Double> values) {
  private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:]+)(?:\\{(.*)})? (\\S+)");
  private static final String BOUND = "le=\"";

  static Exposition parse(String text) {
    Map<String, String> types = new TreeMap<>();
    Map<String, Double> values = new TreeMap<>();
    for (String line : text.split("\n", -1)) {
      Matcher sample = SAMPLE.matcher(line);
      if (line.startsWith("# TYPE ")) {
        String[] words = line.split(" ", -1);
        types.put(words[2], words[3]);
      } else if (!line.startsWith("#") && sample.matches()) {
        values.put(name(sample), number(sample.group(3)));
      }
    }
    return new Exposition(types, values);
  }

  private static String name(Matcher sample) {
    String labels = sample.group(2) == null ? "" : sample.group(2);
    return Arrays.stream(labels.split(",(?=[a-z_]+=\")", -1))
        .map(Exposition::label)
        .sorted()
        .collect(Collectors.joining(",", sample.group(1) + "{", "}"));
  }

  private static String label(String label) {
    return label.startsWith(BOUND)
        ? BOUND + number(label.substring(BOUND.length(), label.length() - 1)) + "\""
        : label;
  }

  private static double number(String text) {
    return Double.parseDouble(text.replace("Inf", "Infinity"));
  }

  /** The samples whose names begin so, as they are. */
  Map<String, Double> valuesOf(String pattern) {
    Map<String, Double> chosen = new TreeMap<>(values);
    chosen.keySet().removeIf(name -> !name.matches(pattern));
    return chosen;
  }

  /** By how much the samples of {@code pattern} have grown; those that have not are left out. */
  Map<String, Double> grownSince(Exposition before, String pattern) {
    Map<String, Double> grown = new TreeMap<>();
    valuesOf(pattern)
        .forEach((name, value) -> grown.put(name, value - before.values.getOrDefault(name, 0.0)));
    grown.values().removeIf(growth -> growth == 0);
    return grown;
  }

  /** The bounds of histograms, by the metric's name. */
  Map<String, TreeSet<String>> bounds() {
    Pattern bucket = Pattern.compile("(.*)_bucket\\{.*" + BOUND + "([^\"]+)\".*");
    Map<String, TreeSet<String>> bounds = new TreeMap<>();
    for (String name : values.keySet()) {
      Matcher matcher = bucket.matcher(name);
      if (matcher.matches()) {
        bounds.computeIfAbsent(matcher.group(1), key -> new TreeSet<>()).add(matcher.group(2));
      }
    }
    return bounds;
  }

  /** The names of labels, by the sample's name, of samples that have any. */
  Map<String, TreeSet<String>> labels() {
    Map<String, TreeSet<String>> labels = new TreeMap<>();
    for (String name : values.keySet()) {
      String sample = name.substring(0, name.indexOf('{'));
      Matcher label = Pattern.compile("([a-z_]+)=\"").matcher(name.substring(sample.length()));
      while (label.find()) {
        labels.computeIfAbsent(sample, key -> new TreeSet<>()).add(label.group(1));
      }
    }
    return labels;
  }
}
