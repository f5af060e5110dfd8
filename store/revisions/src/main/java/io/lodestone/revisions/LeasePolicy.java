package io.lodestone.revisions;

import io.lodestone.revisions.StreamItem.LeaseState;

/** How long a lease lives in the store that is written; the granted TTL always stays. */
public enum LeasePolicy {
  /** What remained when the source was read; the granted TTL where the source did not say. */
  REMAINING {
    @Override
    public long remainingSeconds(LeaseState lease) {
      return lease.remainingTtlSeconds();
    }
  },
  /**
   * Ten years, so that nothing expires while the clients are still elsewhere. A lease's first
   * keepalive brings its granted TTL back; in etcd, only with lease checkpointing enabled.
   */
  HOLD {
    @Override
    public long remainingSeconds(LeaseState lease) {
      return HELD_SECONDS;
    }
  },
  /** The granted TTL, counted from the moment the store starts. */
  FULL {
    @Override
    public long remainingSeconds(LeaseState lease) {
      return 0;
    }
  };

  private static final long HELD_SECONDS = 315_360_000;

  /** What is recorded as remaining; 0 means the granted TTL. */
  public abstract long remainingSeconds(LeaseState lease);
}
