package io.lodestone.migrate.journal;

/** How a migration ended. */
public enum Outcome {
  DONE,
  /** Given up before the cutover; the source is as it was. */
  ABORTED,
  /** Taken back after the cutover; the source is in use again. */
  ROLLED_BACK
}
