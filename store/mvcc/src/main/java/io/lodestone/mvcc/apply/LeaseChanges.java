package io.lodestone.mvcc.apply;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.LeaseCheckpoint;
import io.lodestone.api.etcdserverpb.LeaseCheckpointRequest;
import io.lodestone.api.etcdserverpb.LeaseCheckpointResponse;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantResponse;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.LeaseRevokeResponse;
import io.lodestone.api.leasepb.Lease;
import io.lodestone.mvcc.keyspace.LeaseKeys;
import io.lodestone.mvcc.lease.LeaseTable;
import io.lodestone.mvcc.rocks.Family;
import java.util.Optional;

/** Requests that grant, revoke and checkpoint leases. */
final class LeaseChanges {
  private static final long LONGEST_TTL_SECONDS = 9_000_000_000L;

  private final Draft draft;
  private final LeaseTable leases;
  private final KeyChanges keys;
  private final long shortestTtlSeconds;

  LeaseChanges(Draft draft, LeaseTable leases, KeyChanges keys, long shortestTtlSeconds) {
    this.draft = draft;
    this.leases = leases;
    this.keys = keys;
    this.shortestTtlSeconds = shortestTtlSeconds;
  }

  LeaseGrantResponse grant(LeaseGrantRequest request) {
    if (request.getID() == 0) {
      throw new StoreException(ErrorCode.LEASE_NOT_FOUND);
    }
    if (request.getTTL() > LONGEST_TTL_SECONDS) {
      throw new StoreException(ErrorCode.LEASE_TTL_TOO_LARGE);
    }
    if (leases.exists(request.getID())) {
      throw new StoreException(ErrorCode.LEASE_EXISTS);
    }
    long ttl = Math.max(request.getTTL(), shortestTtlSeconds);
    store(Lease.newBuilder().setID(request.getID()).setTTL(ttl).build());
    return LeaseGrantResponse.newBuilder().setID(request.getID()).setTTL(ttl).build();
  }

  LeaseRevokeResponse revoke(LeaseRevokeRequest request) {
    long id = request.getID();
    if (!leases.exists(id)) {
      throw new StoreException(ErrorCode.LEASE_NOT_FOUND);
    }
    keys.deleteAll(LeaseKeys.attached(draft.settled(), id));
    draft.delete(Family.LEASE, LeaseKeys.id(id));
    leases.remove(id);
    return LeaseRevokeResponse.getDefaultInstance();
  }

  /** What remains of leases that are gone is of no interest. */
  LeaseCheckpointResponse checkpoint(LeaseCheckpointRequest request) {
    for (LeaseCheckpoint checkpoint : request.getCheckpointsList()) {
      Optional<Lease> known = leases.get(checkpoint.getID());
      known.ifPresent(
          lease -> store(lease.toBuilder().setRemainingTTL(checkpoint.getRemainingTTL()).build()));
    }
    return LeaseCheckpointResponse.getDefaultInstance();
  }

  private void store(Lease lease) {
    leases.put(lease);
    draft.put(Family.LEASE, LeaseKeys.id(lease.getID()), lease.toByteString());
  }
}
