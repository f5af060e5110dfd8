package io.lodestone.client;

import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseLeasesRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.SideState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The leases the stream has told of, compared with those the cluster has now. A look costs one
 * request, and one for each lease that is new or whose remaining TTL was not asked for long, at
 * most {@value #CALLS_PER_LOOK}; the rest waits for the next look. Confined to the side thread.
 */
final class LeaseBook {
  private static final int CALLS_PER_LOOK = 200;

  private final EtcdConnection connection;
  private final long refreshNanos;

  /** Told leases and when their TTL was last asked, by {@code nanoTime}; the stalest first. */
  private final Map<LeaseId, Long> told = new LinkedHashMap<>();

  private int callsLeft;

  LeaseBook(EtcdConnection connection, Duration refresh) {
    this.connection = connection;
    this.refreshNanos = refresh.toNanos();
  }

  /** Begins anew with the leases of a base, whose remaining TTLs are still to be asked. */
  void restart(Collection<LeaseId> leases) {
    told.clear();
    long longAgo = System.nanoTime() - refreshNanos;
    leases.forEach(lease -> told.put(lease, longAgo));
  }

  /** What changed since the last look: gone leases, then new ones, then refreshed TTLs. */
  List<SideState> look(Endpoint member) {
    callsLeft = CALLS_PER_LOOK;
    List<SideState> changes = new ArrayList<>();
    Set<LeaseId> live = live(member);
    forgetGone(live, changes);
    live.removeAll(told.keySet());
    live.stream().limit(callsLeft).forEach(lease -> ask(lease).ifPresent(changes::add));
    stale().forEach(lease -> ask(lease).ifPresent(changes::add));
    return changes;
  }

  private Set<LeaseId> live(Endpoint member) {
    Set<LeaseId> live = new HashSet<>();
    connection
        .ask(member, LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance())
        .getLeasesList()
        .forEach(lease -> live.add(new LeaseId(lease.getID())));
    return live;
  }

  private void forgetGone(Set<LeaseId> live, List<SideState> changes) {
    for (Iterator<LeaseId> each = told.keySet().iterator(); each.hasNext(); ) {
      LeaseId lease = each.next();
      if (!live.contains(lease)) {
        changes.add(new LeaseGone(lease));
        each.remove();
      }
    }
  }

  private List<LeaseId> stale() {
    long limit = System.nanoTime() - refreshNanos;
    return told.entrySet().stream()
        .takeWhile(lease -> lease.getValue() - limit <= 0)
        .limit(callsLeft)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Empty if the lease has just expired; the next look then finds it gone. */
  private Optional<LeaseState> ask(LeaseId lease) {
    callsLeft--;
    LeaseTimeToLiveResponse answer =
        connection.read(
            LeaseGrpc.getLeaseTimeToLiveMethod(),
            LeaseTimeToLiveRequest.newBuilder().setID(lease.value()).build());
    if (answer.getTTL() < 0) {
      return Optional.empty();
    }
    told.remove(lease);
    told.put(lease, System.nanoTime());
    return Optional.of(new LeaseState(lease, answer.getGrantedTTL(), Math.max(1, answer.getTTL())));
  }
}
