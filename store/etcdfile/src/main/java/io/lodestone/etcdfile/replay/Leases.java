package io.lodestone.etcdfile.replay;

import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.LeaseCheckpoint;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.revisions.StreamItem.LeaseState;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The leases that exist, with their TTLs. Confined to one thread. */
final class Leases {
  private static final long LONGEST_TTL_SECONDS = 9_000_000_000L;

  /** etcd's least TTL for the default election timeout of one second. */
  private static final long SHORTEST_TTL_SECONDS = 2;

  private final Map<Long, LeaseState> leases = new HashMap<>();

  void add(LeaseState lease) {
    leases.put(lease.id().value(), lease);
  }

  boolean exists(long id) {
    return leases.containsKey(id);
  }

  /** The lease as etcd grants it; empty where etcd refuses. */
  Optional<LeaseState> grant(LeaseGrantRequest request) {
    if (request.getID() == 0 || request.getTTL() > LONGEST_TTL_SECONDS || exists(request.getID())) {
      return Optional.empty();
    }
    LeaseState lease =
        new LeaseState(
            new LeaseId(request.getID()), Math.max(request.getTTL(), SHORTEST_TTL_SECONDS), 0);
    add(lease);
    return Optional.of(lease);
  }

  void revoke(long id) {
    leases.remove(id);
  }

  /** The lease with its new remaining TTL; empty where it does not exist. */
  Optional<LeaseState> checkpoint(LeaseCheckpoint checkpoint) {
    LeaseState known = leases.get(checkpoint.getID());
    if (known == null) {
      return Optional.empty();
    }
    LeaseState lease =
        new LeaseState(known.id(), known.grantedTtlSeconds(), checkpoint.getRemainingTTL());
    add(lease);
    return Optional.of(lease);
  }
}
