package io.lodestone.etcdfile.db;

import io.lodestone.revisions.StreamItem.LeaseState;

/** How long a lease lives in the database that is written; the granted TTL always stays. */
public enum LeasePolicy {
  /** What remained when the source was read; the granted TTL where the source did not say. */
  REMAINING {
    @Override
    long remainingSeconds(LeaseState lease) {
      return lease.remainingTtlSeconds();
    }
  },
  /**
   * Ten years, so that nothing expires while the clients are still elsewhere. With lease
   * checkpointing enabled in etcd, a lease's first keepalive brings its granted TTL back.
   */
  HOLD {
    @Override
    long remainingSeconds(LeaseState lease) {
      return HELD_SECONDS;
    }
  },
  /** The granted TTL, counted from the moment etcd starts. */
  FULL {
    @Override
    long remainingSeconds(LeaseState lease) {
      return 0;
    }
  };

  static final long HELD_SECONDS = 315_360_000;

  /** What is recorded as remaining; 0 means the granted TTL. */
  abstract long remainingSeconds(LeaseState lease);
}
