package io.lodestone.server.lease;

import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.mvcc.Leases;
import io.lodestone.server.call.CallStatus;
import io.lodestone.server.proposal.Submissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proposes to revoke leases whose time has run out; the keys go when the revocation commits, on
 * every member alike. {@link #tick} is called by one timer thread, twice a second, as in etcd.
 */
public final class LeaseExpiry {
  private static final Logger log = LoggerFactory.getLogger(LeaseExpiry.class);

  /** etcd's limit of 1000 revocations a second. */
  private static final int REVOCATIONS_PER_TICK = 500;

  private final Leases leases;
  private final Submissions submissions;
  private final Runnable expired;
  private final Set<LeaseId> underWay = ConcurrentHashMap.newKeySet();

  /** {@code expired} is told of every lease that ran out; it counts them. */
  public LeaseExpiry(Leases leases, Submissions submissions, Runnable expired) {
    this.leases = leases;
    this.submissions = submissions;
    this.expired = expired;
  }

  public void tick() {
    leases.expired().stream()
        .limit(REVOCATIONS_PER_TICK)
        .filter(underWay::add)
        .forEach(this::revoke);
  }

  private void revoke(LeaseId id) {
    var unused =
        submissions
            .submitAsLeader(
                InternalRaftRequest.newBuilder()
                    .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(id.value())))
            .whenComplete(
                (response, failure) -> {
                  underWay.remove(id);
                  if (failure == null) {
                    expired.run();
                  } else {
                    log.atDebug()
                        .addKeyValue("lease", id)
                        .addKeyValue("why", CallStatus.of(failure))
                        .log("cannot revoke an expired lease yet; trying again");
                  }
                });
  }
}
