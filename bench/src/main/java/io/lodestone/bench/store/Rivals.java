package io.lodestone.bench.store;

import java.util.List;
import java.util.Locale;

/**
 * One load on both servers, several rounds in turns.
 *
 * @param floor the least ratio ours/peer of calls per second that we promise
 */
record Rivals(String what, List<Rate> ours, List<Rate> theirs, double floor) {
  static final String HEADER =
      """
      | load | ours: median per second (range) | p50, p99 ms, CPU µs a call | etcd: median per second (range) | p50, p99 ms, CPU µs a call | ours/etcd | promise held |
      |---|---|---|---|---|---|---|""";

  double ratio() {
    return median(ours).perSecond() / median(theirs).perSecond();
  }

  /** Median 99th percentile of ours by that of the peer's: below 1, ours is quicker. */
  double tail() {
    return median(ours).p99Micros() / median(theirs).p99Micros();
  }

  boolean holds() {
    return ratio() >= floor;
  }

  private static Rate median(List<Rate> rates) {
    return rates.stream()
        .sorted((a, b) -> Double.compare(a.perSecond(), b.perSecond()))
        .skip(rates.size() / 2)
        .findFirst()
        .orElseThrow();
  }

  private static String side(List<Rate> rates) {
    double least = rates.stream().mapToDouble(Rate::perSecond).min().orElseThrow();
    double most = rates.stream().mapToDouble(Rate::perSecond).max().orElseThrow();
    Rate median = median(rates);
    return String.format(
        Locale.ROOT,
        "%,.0f (%,.0f to %,.0f) | %.2f, %.2f, %.0f",
        median.perSecond(),
        least,
        most,
        median.p50Micros() / 1e3,
        median.p99Micros() / 1e3,
        median.cpuMicros());
  }

  /** One row of a Markdown table. */
  String row() {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %.2f | %s |",
        what,
        side(ours),
        side(theirs),
        ratio(),
        holds() ? "yes" : "**no**");
  }
}
