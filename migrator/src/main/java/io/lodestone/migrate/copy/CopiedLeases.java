package io.lodestone.migrate.copy;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.lockstep.LeaseKeeper;
import io.lodestone.client.lockstep.PatientCalls;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Leases of the source under the same ids at the destination, kept alive there as long as they live
 * here. One that has gone here is left to run out there, behind the deletion of its keys. Confined
 * to one thread; one thread of its own keeps leases alive.
 */
final class CopiedLeases implements AutoCloseable {
  private static final long NONE = 0;
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final EtcdConnection source;
  private final EtcdConnection destination;
  private final PatientCalls calls;
  private final LeaseKeeper keeper;
  private final Set<LeaseId> kept = new HashSet<>();
  private long lookedNanos = System.nanoTime();

  CopiedLeases(EtcdConnection source, EtcdConnection destination, PatientCalls calls) {
    this.source = source;
    this.destination = destination;
    this.calls = calls;
    this.keeper = new LeaseKeeper(destination);
    keeper.start();
  }

  boolean inUse() {
    return !kept.isEmpty();
  }

  /**
   * The lease for a copied key: {@code lease} where it still lives at the source, none otherwise;
   * its keys are about to go then.
   */
  long of(long lease) throws InterruptedException {
    LeaseId id = new LeaseId(lease);
    if (lease == NONE || kept.contains(id)) {
      return lease;
    }
    OptionalLong ttl = source.grantedTtlSeconds(id);
    if (ttl.isEmpty()) {
      return NONE;
    }
    LeaseGrantRequest grant =
        LeaseGrantRequest.newBuilder().setID(lease).setTTL(ttl.getAsLong()).build();
    calls.insist(
        ErrorCode.LEASE_EXISTS, () -> destination.write(LeaseGrpc.getLeaseGrantMethod(), grant));
    kept.add(id);
    keeper.keep(id, ttl.getAsLong());
    return lease;
  }

  /**
   * Now and then: lets go what has gone at the source. True where a lease has run out at the
   * destination that lives here, and took keys along.
   */
  boolean haveLapsed() throws InterruptedException {
    if (kept.isEmpty() || System.nanoTime() - lookedNanos < LOOK_NANOS) {
      return false;
    }
    lookedNanos = System.nanoTime();
    Set<LeaseId> live = calls.insist(source::leases);
    boolean lapsed = false;
    for (LeaseId lease : Set.copyOf(kept)) {
      if (!live.contains(lease)) {
        keeper.drop(lease);
        kept.remove(lease);
      } else if (!keeper.keeps(lease)) {
        kept.remove(lease);
        lapsed = true;
      }
    }
    return lapsed;
  }

  @Override
  public void close() {
    keeper.close();
  }
}
