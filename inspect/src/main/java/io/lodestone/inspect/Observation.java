package io.lodestone.inspect;

/**
 * One line of an inspection. Immutable.
 *
 * @param subject what it is about: a member, a lineage, the cluster
 * @param seen in words
 * @param hint what to do; empty where nothing is
 */
public record Observation(Verdict verdict, String subject, String seen, String hint) {

  /** How bad it is. */
  public enum Verdict {
    FINE,
    /** Works, and will not for ever. */
    WARNING,
    /** Does not work, or data is at risk. */
    PROBLEM
  }

  static Observation fine(String subject, String seen) {
    return new Observation(Verdict.FINE, subject, seen, "");
  }

  static Observation warning(String subject, String seen, String hint) {
    return new Observation(Verdict.WARNING, subject, seen, hint);
  }

  static Observation problem(String subject, String seen, String hint) {
    return new Observation(Verdict.PROBLEM, subject, seen, hint);
  }
}
