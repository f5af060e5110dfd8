package io.lodestone.migrate;

/**
 * One thing that was looked at before a migration. Immutable.
 *
 * @param hint what to do about it; empty where all is well
 */
public record Check(String name, Verdict verdict, String detail, String hint) {

  /** How it looks. */
  public enum Verdict {
    FINE,
    /** Works, but the user should know. */
    WARNING,
    /** The migration cannot succeed. */
    PROBLEM
  }

  static Check fine(String name, String detail) {
    return new Check(name, Verdict.FINE, detail, "");
  }

  static Check warning(String name, String detail, String hint) {
    return new Check(name, Verdict.WARNING, detail, hint);
  }

  static Check problem(String name, String detail, String hint) {
    return new Check(name, Verdict.PROBLEM, detail, hint);
  }
}
