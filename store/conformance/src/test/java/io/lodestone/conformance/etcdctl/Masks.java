package io.lodestone.conformance.etcdctl;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Replaces what a server or a clock makes up by words that are equal on both sides: long ids, in
 * decimal or hexadecimal, by their order of appearance; addresses, folders, times, sizes and
 * pointers by what they are. Tables are squeezed, since their width follows their contents.
 */
final class Masks {
  private static final Pattern ID =
      Pattern.compile("(?<![0-9a-z])([0-9]{15,20}|[0-9a-f]{14,16})(?![0-9a-z])");
  private static final String[][] PLAIN = {
    {"\"ts\":(\"[^\"]*\"|[0-9.e+]+)", "\"ts\":TS"},
    {"\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d[0-9.Z+:]*", "TIME"},
    {"127\\.0\\.0\\.1:\\d+", "ADDRESS"},
    {"0x[0-9a-f]+", "POINTER"},
    {"client-[0-9a-f-]{36}", "CLIENT"},
    {"\"took\":[0-9.e-]+", "\"took\":N"},
    {"/\\S*/(reference|candidate)/", "FOLDER/"},
    {"(?<![0-9a-z.])[0-9.]+(h|m|s|ms|µs|ns)(?![0-9a-z])", "DURATION"},
    {"[0-9.]+ ?(B|kB|MB|GB)(?![0-9a-z])", "SIZE"},
    {"\"(raftIndex|raftAppliedIndex|raftTerm|dbSize|dbSizeInUse|raft_term)\":\\d+", "\"$1\":N"},
    {"\"(RaftIndex|RaftAppliedIndex|RaftTerm|DBSize|DBSizeInUse)\" : \\d+", "\"$1\" : N"},
    {"\"(current-db-size[a-z-]*)\": -?\\d+", "\"$1\": N"},
    {"[-─]{2,}", "--"},
    {" {2,}", " "},
  };

  private Masks() {}

  static Outcome mask(Outcome outcome, boolean measured) {
    Map<String, String> ids = new HashMap<>();
    return new Outcome(
        outcome.exitCode(),
        mask(outcome.output(), ids, measured),
        mask(outcome.errors(), ids, measured));
  }

  /** Members stand in the order of ids that the servers draw: their lines and lists get sorted. */
  static Outcome maskMembers(Outcome outcome) {
    return new Outcome(
        outcome.exitCode(), sortedMembers(outcome.output()), sortedMembers(outcome.errors()));
  }

  private static String sortedMembers(String text) {
    return text.lines()
        .map(line -> ID.matcher(mask(line, new HashMap<>(), false)).replaceAll("ID"))
        .map(line -> line.replaceAll("\\bID\\d+\\b", "ID"))
        .map(Masks::withSortedCluster)
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private static String withSortedCluster(String line) {
    String variable = "ETCD_INITIAL_CLUSTER=\"";
    if (!line.startsWith(variable)) {
      return line;
    }
    String[] members = line.substring(variable.length(), line.length() - 1).split(",", -1);
    Arrays.sort(members);
    return variable + String.join(",", members) + "\"";
  }

  private static String mask(String text, Map<String, String> ids, boolean measured) {
    String masked = text;
    for (String[] rule : PLAIN) {
      masked = masked.replaceAll(rule[0], rule[1]);
    }
    masked =
        ID.matcher(masked)
            .replaceAll(found -> ids.computeIfAbsent(found.group(), id -> "ID" + ids.size()));
    return measured ? masked.replaceAll("\\b[0-9a-f]{6,8}\\b|[0-9]+", "N") : masked;
  }
}
