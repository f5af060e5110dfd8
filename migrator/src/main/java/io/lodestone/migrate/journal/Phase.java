package io.lodestone.migrate.journal;

/** Where a migration is, in order. */
public enum Phase {
  /** Looks whether the migration can succeed, and changes nothing. */
  PREFLIGHT,
  /** Opens the watch on the source, so that nothing can fall between it and the snapshot. */
  WATCH_SOURCE,
  /** Writes the destination from the source's snapshot, and waits until it is started. */
  SEED,
  /** Repeats what the source has done meanwhile. */
  CATCH_UP,
  /** Follows the source closely, until the cutover is asked for. */
  STEADY,
  /** Stops writes on the source. */
  FENCE,
  /** Repeats the last writes. */
  DRAIN,
  /** Writes the destination, where that was put off until now, and waits until it is started. */
  LATE_SEED,
  /** Gives the destination the source's compact revision and leases. */
  ALIGN,
  /** Proves that both sides are equal, or stops. */
  CONSISTENCY_CHECK,
  /** Runs the hook that sends the clients to the destination, which is open from then on. */
  CUTOVER,
  /** The way back is kept open, where it was asked for. */
  REVERSE_SYNC,
  /** The source stays fenced until it is switched off, or until a rollback. */
  DONE
}
