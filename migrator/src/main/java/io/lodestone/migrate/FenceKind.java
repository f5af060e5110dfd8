package io.lodestone.migrate;

/** How writes on the source are stopped for the cutover. */
public enum FenceKind {
  /**
   * By a CORRUPT alarm: the cluster refuses every write, lease expiry included, and goes on
   * answering reads and watches. Monitoring will tell of it.
   */
  ALARM,
  /**
   * By taking the permission to write away from every role: users are refused, root is not, and
   * leases expire. The revision must not have moved when all is proved.
   */
  AUTH,
  /** By a command of the user's; then the revision must stand still. */
  HOOK,
  /** The user has stopped the writers by hand; the revision must stand still. */
  NONE
}
