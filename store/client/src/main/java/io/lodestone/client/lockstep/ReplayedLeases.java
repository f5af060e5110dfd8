package io.lodestone.client.lockstep;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.lodestone.client.EtcdConnection;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The leases of the destination, which follow those of the source. None of what happens here may
 * move the destination's revision: a lease is revoked only once its keys are gone.
 *
 * <p>Two kinds are told apart. Seeded ones are held: they have years left, until a client's first
 * keepalive brings their granted TTL back. Those granted while replaying have their granted TTL,
 * and live only as long as they are kept alive. Confined to the replaying thread.
 */
final class ReplayedLeases implements AutoCloseable {
  private static final long FALLBACK_TTL_SECONDS = 60;
  private static final long SETTLE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Duration RENEWAL_PATIENCE = Duration.ofSeconds(30);

  private final EtcdConnection destination;
  private final GrantedTtls source;
  private final PatientCalls calls;
  private final LeaseKeeper keeper;
  private final Set<LeaseId> known = new HashSet<>();
  private final Set<LeaseId> held = new HashSet<>();

  /** Gone at the source, but not yet without keys here. */
  private final Set<LeaseId> ending = new LinkedHashSet<>();

  private long settledNanos = System.nanoTime();

  ReplayedLeases(EtcdConnection destination, GrantedTtls source, PatientCalls calls) {
    this.destination = destination;
    this.source = source;
    this.calls = calls;
    this.keeper = new LeaseKeeper(destination);
  }

  /** Learns what the destination has, and begins to keep alive what needs it. */
  void load() throws InterruptedException {
    for (LeaseId lease : destination.leases()) {
      LeaseTimeToLiveResponse found = timeToLive(lease);
      known.add(lease);
      if (found.getTTL() > found.getGrantedTTL()) {
        held.add(lease);
      } else if (found.getTTL() >= 0) {
        keeper.keep(lease, found.getGrantedTTL());
      }
    }
    keeper.start();
  }

  private LeaseTimeToLiveResponse timeToLive(LeaseId lease) throws InterruptedException {
    LeaseTimeToLiveRequest request =
        LeaseTimeToLiveRequest.newBuilder().setID(lease.value()).setKeys(true).build();
    return calls.insist(() -> destination.read(LeaseGrpc.getLeaseTimeToLiveMethod(), request));
  }

  /** Whether a key may name {@code lease} as things are. */
  boolean knows(LeaseId lease) {
    return lease.value() == 0 || known.contains(lease);
  }

  /** A key is about to name {@code lease}. */
  void require(LeaseId lease) throws InterruptedException {
    if (!knows(lease)) {
      grant(lease, source.seconds(lease).orElse(FALLBACK_TTL_SECONDS));
    }
  }

  /** The source has {@code lease}. */
  void granted(LeaseId lease, long ttlSeconds) throws InterruptedException {
    ending.remove(lease);
    if (!known.contains(lease)) {
      grant(lease, ttlSeconds);
    }
  }

  private void grant(LeaseId lease, long ttlSeconds) throws InterruptedException {
    LeaseGrantRequest request =
        LeaseGrantRequest.newBuilder().setID(lease.value()).setTTL(ttlSeconds).build();
    calls.insist(
        ErrorCode.LEASE_EXISTS, () -> destination.write(LeaseGrpc.getLeaseGrantMethod(), request));
    known.add(lease);
    keeper.keep(lease, ttlSeconds);
  }

  /** The source does not have {@code lease} any more; the deletion of its keys may still come. */
  void gone(LeaseId lease) {
    if (known.contains(lease)) {
      ending.add(lease);
    }
  }

  /** The source has these leases, with their granted TTLs in seconds, and no others. */
  void become(Map<LeaseId, Long> live) throws InterruptedException {
    for (Map.Entry<LeaseId, Long> lease : live.entrySet()) {
      granted(lease.getKey(), lease.getValue());
    }
    known.stream().filter(lease -> !live.containsKey(lease)).forEach(ending::add);
  }

  /** Now and then: revokes what has ended. */
  void settleIfDue() throws InterruptedException {
    if (!ending.isEmpty() && System.nanoTime() - settledNanos > SETTLE_EVERY_NANOS) {
      settledNanos = System.nanoTime();
      for (LeaseId lease : List.copyOf(ending)) {
        revokeIfEmpty(lease);
      }
    }
  }

  private boolean revokeIfEmpty(LeaseId lease) throws InterruptedException {
    if (timeToLive(lease).getKeysCount() > 0) {
      return false;
    }
    LeaseRevokeRequest request = LeaseRevokeRequest.newBuilder().setID(lease.value()).build();
    calls.insist(
        ErrorCode.LEASE_NOT_FOUND,
        () -> destination.write(LeaseGrpc.getLeaseRevokeMethod(), request));
    keeper.drop(lease);
    known.remove(lease);
    held.remove(lease);
    ending.remove(lease);
    return true;
  }

  /** Makes the destination's leases those of {@code target}; everything is replayed by now. */
  void align(Set<LeaseId> target) throws InterruptedException {
    for (LeaseId lease : target) {
      require(lease);
    }
    Set<LeaseId> surplus = new LinkedHashSet<>(calls.insist(destination::leases));
    surplus.removeAll(target);
    for (LeaseId lease : surplus) {
      if (!revokeIfEmpty(lease)) {
        throw new LodestoneException(
            "lease " + lease + " has keys on the destination, but is gone from the source",
            "verify both sides: lodestone migrate verify names the keys that differ");
      }
    }
  }

  /**
   * Gives every held lease its granted TTL, from now on, to be kept alive by its client; returns
   * how many there were.
   */
  int release() throws InterruptedException {
    int released = held.size();
    if (released > 0) {
      keeper.renewOnce(held, RENEWAL_PATIENCE);
      held.clear();
    }
    return released;
  }

  int count() {
    return known.size();
  }

  @Override
  public void close() {
    keeper.close();
  }
}
