package io.lodestone.mvcc;

import io.lodestone.api.LeaseId;
import io.lodestone.mvcc.lease.Remainder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The leases that exist. Grants and revocations come through the log; renewals and expiry live
 * here, on the leader. Thread-safe.
 */
public interface Leases {
  /** Renews it by its granted TTL; returns that TTL in seconds, empty where it does not exist. */
  Optional<Long> renew(LeaseId id);

  /** remainingTtlSeconds is rounded as etcd's TimeToLive does; empty where it does not exist. */
  Optional<LeaseStatus> status(LeaseId id, boolean withKeys);

  /** In ascending order of remaining TTL, as etcd lists them. */
  List<LeaseId> list();

  /** Leases whose time has run out; the lease thread proposes to revoke them. */
  List<LeaseId> expired();

  /**
   * Leases of which a restart would forget at least {@code drift} that has passed, with what they
   * have left, at most {@code limit}.
   */
  List<Remainder> forgettable(Duration drift, int limit);

  /** Whether a restart would give it less than its whole TTL, because of a checkpoint. */
  boolean isCheckpointed(LeaseId id);

  /**
   * Becoming leader: every lease gets its full (or checkpointed remaining) TTL plus {@code extend}.
   */
  void promote(Duration extend);

  /** No longer leader: nothing expires here. */
  void demote();

  record LeaseStatus(
      LeaseId id,
      long grantedTtlSeconds,
      long remainingTtlSeconds,
      List<com.google.protobuf.ByteString> keys) {}
}
