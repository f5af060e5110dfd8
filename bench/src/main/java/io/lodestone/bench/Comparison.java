package io.lodestone.bench;

import java.util.List;
import java.util.Locale;

/**
 * One thing measured on both sides, several rounds of each in turns.
 *
 * @param floor the least ratio peer/ours that we promise
 */
record Comparison(String what, String peer, List<Run> ours, List<Run> theirs, double floor) {

  /** Median time of the peer by median time of ours: above 1, ours is faster. */
  double ratio() {
    return median(theirs) / median(ours);
  }

  boolean holds() {
    return ratio() >= floor;
  }

  private static double median(List<Run> runs) {
    return runs.stream()
        .mapToDouble(Run::seconds)
        .sorted()
        .skip(runs.size() / 2)
        .findFirst()
        .orElseThrow();
  }

  private static String spread(List<Run> runs) {
    double least = runs.stream().mapToDouble(Run::seconds).min().orElseThrow();
    double most = runs.stream().mapToDouble(Run::seconds).max().orElseThrow();
    return String.format(Locale.ROOT, "%.2f s (%.2f to %.2f)", median(runs), least, most);
  }

  /** One row of a Markdown table. */
  String row() {
    long peak = ours.stream().mapToLong(Run::peakBytes).max().orElse(0);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s: %s | %.2f | %.0f MiB | %s |",
        what,
        spread(ours),
        peer,
        spread(theirs),
        ratio(),
        peak / 1048576.0,
        holds() ? "yes" : "**no**");
  }
}
