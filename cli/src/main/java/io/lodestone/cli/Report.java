package io.lodestone.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a command found out, in one shape for both readers: as JSON, an object with the facts and,
 * by name, lists of objects; for people, the facts line by line and a table for each list. Values
 * are strings, numbers, booleans, or {@link Size}s.
 */
final class Report {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<String, Object> facts = new LinkedHashMap<>();
  private final Map<String, List<Map<String, Object>>> lists = new LinkedHashMap<>();

  /** A number of bytes: a plain number in JSON, with a unit for people. */
  record Size(long bytes) {
    @Override
    public String toString() {
      if (bytes < 1024) {
        return bytes + " B";
      }
      int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
      return String.format("%.1f %siB", bytes / Math.pow(1024, unit), "kMGTPE".charAt(unit - 1));
    }
  }

  Report fact(String name, Object value) {
    facts.put(name, value);
    return this;
  }

  /**
   * Adds an object to the list {@code name}: keys and values by turns. All objects of a list have
   * the same keys.
   */
  Report row(String name, Object... keysAndValues) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      row.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    lists.computeIfAbsent(name, any -> new ArrayList<>()).add(row);
    return this;
  }

  /** Makes sure that the list {@code name} is there, if empty. */
  Report list(String name) {
    lists.computeIfAbsent(name, any -> new ArrayList<>());
    return this;
  }

  /** Whether the fact {@code name} is there and true. */
  boolean isTrue(String name) {
    return Boolean.TRUE.equals(facts.get(name));
  }

  String json() {
    Map<String, Object> whole = new LinkedHashMap<>();
    facts.forEach((name, value) -> whole.put(name, plain(value)));
    lists.forEach((name, rows) -> whole.put(name, rows.stream().map(Report::plain).toList()));
    try {
      return JSON.writeValueAsString(whole) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report has only plain values", e);
    }
  }

  private static Map<String, Object> plain(Map<String, Object> row) {
    Map<String, Object> plain = new LinkedHashMap<>();
    row.forEach((name, value) -> plain.put(name, plain(value)));
    return plain;
  }

  private static Object plain(Object value) {
    if (value instanceof Size size) {
      return size.bytes();
    }
    return value instanceof Number || value instanceof Boolean ? value : shown(value);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    int width =
        facts.keySet().stream().map(Report::spoken).mapToInt(String::length).max().orElse(0);
    facts.forEach(
        (name, value) ->
            text.append(String.format("%-" + width + "s  %s%n", spoken(name), shown(value))));
    lists.forEach(
        (name, rows) -> {
          text.append(text.isEmpty() ? "" : "\n")
              .append(rows.isEmpty() ? spoken(name) + ": none\n" : table(rows));
        });
    return text.toString();
  }

  private static String table(List<Map<String, Object>> rows) {
    Table table =
        new Table(
            rows.get(0).keySet().stream()
                .map(key -> spoken(key).toUpperCase(Locale.ROOT))
                .toList());
    rows.forEach(row -> table.add(row.values().stream().map(Report::shown).toList()));
    return table.toString();
  }

  /** Times to the millisecond. */
  private static String shown(Object value) {
    return value instanceof Instant time
        ? time.truncatedTo(ChronoUnit.MILLIS).toString()
        : value.toString();
  }

  /** {@code lastRevision} as people write it: {@code last revision}. */
  private static String spoken(String name) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }
}
