package io.lodestone.revisions;

/**
 * What may differ between a stream and the store that a sink writes from it. Immutable.
 *
 * @param bumpRevisions how many revisions to leave out before the store's next one, so that clients
 *     that saw revisions lost with the source never see time go backwards; the history before the
 *     jump is marked as compacted. 0 for an exact copy.
 */
public record CopyRules(LeasePolicy leases, long bumpRevisions) {
  /** An exact copy. */
  public static final CopyRules EXACT = new CopyRules(LeasePolicy.REMAINING, 0);

  public CopyRules {
    if (bumpRevisions < 0) {
      throw new IllegalArgumentException("a revision bump of " + bumpRevisions + " is negative");
    }
  }
}
