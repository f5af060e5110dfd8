package io.lodestone.conformance.requests;

import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The differences of one run by kind: how many, and the first of each; and everything that was sent
 * up to the very first. Confined to one thread.
 */
final class Report {
  private final String title;
  private final Map<String, Difference> firsts = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private final List<Object> prefix = new ArrayList<>();
  private final Map<String, Map<Status.Code, Integer>> answers = new TreeMap<>();
  private final List<String> silences = new ArrayList<>();
  private long requests;

  /** {@code title} names both sides, the seed and whatever else repeats the run. */
  Report(String title) {
    this.title = title;
  }

  /** Says that {@code input}, which is immutable, is about to be sent. */
  void sent(Object input) {
    requests++;
    if (clean()) {
      prefix.add(input);
    }
  }

  /** Forgets what was sent: both sides have been started afresh. */
  void freshStart() {
    if (clean()) {
      prefix.clear();
    }
  }

  /** Counts what the reference said, to show what a run has reached. */
  void answered(String rpc, Status.Code code) {
    answers.computeIfAbsent(rpc, any -> new TreeMap<>()).merge(code, 1, Integer::sum);
  }

  void differs(String kind, String input, String expected, String actual) {
    firsts.putIfAbsent(kind, new Difference(kind, requests, input, expected, actual));
    counts.merge(kind, 1, Integer::sum);
  }

  /** Counts a call that the reference did not answer, and the candidate did. */
  void referenceSilent(String call) {
    silences.add(call);
  }

  List<String> silences() {
    return silences;
  }

  long requests() {
    return requests;
  }

  boolean clean() {
    return firsts.isEmpty();
  }

  int total() {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  Set<String> kinds() {
    return counts.keySet();
  }

  /** The reference's answers by method and status code. */
  Map<String, Map<Status.Code, Integer>> answers() {
    return answers;
  }

  /** Everything sent to the present pair of servers up to the first difference, one a line. */
  List<String> prefix() {
    return prefix.stream().map(Object::toString).toList();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(title);
    text.append(": ").append(requests).append(" requests, ").append(total());
    text.append(" differences of ").append(counts.size()).append(" kinds\n");
    counts.forEach(
        (kind, count) -> text.append("  ").append(count).append(" x ").append(kind).append('\n'));
    silences.forEach(
        call -> text.append("  the reference did not answer ").append(call).append('\n'));
    firsts.values().forEach(first -> text.append('\n').append(first).append('\n'));
    return text.toString();
  }
}
