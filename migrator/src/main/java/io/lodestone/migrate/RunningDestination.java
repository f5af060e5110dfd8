package io.lodestone.migrate;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.client.CompactionProbe;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import io.lodestone.client.lockstep.ForgeCost;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks whether a cluster that runs can be brought to the source's state, and at what cost. */
final class RunningDestination {
  private final Optional<EtcdConnection> source;
  private final EtcdConnection destination;
  private final Optional<String> forging;
  private final List<Check> checks = new ArrayList<>();

  /**
   * @param source empty where it does not run
   * @param forging the cluster that this migration has begun to write to
   */
  RunningDestination(
      Optional<EtcdConnection> source, EtcdConnection destination, Optional<String> forging) {
    this.source = source;
    this.destination = destination;
    this.forging = forging;
  }

  List<Check> checks() throws InterruptedException {
    if (!everyMemberAnswers()) {
      return checks;
    }
    if (source.filter(from -> from.clusterId() == destination.clusterId()).isPresent()) {
      return List.of(
          Check.problem(
              "destination",
              "its endpoints belong to the source itself",
              "name the endpoints of the new cluster"));
    }
    AlarmFence.alarms(destination)
        .forEach(
            alarm ->
                checks.add(
                    Check.problem(
                        "destination",
                        "it has a " + alarm.getAlarm() + " alarm and refuses writes",
                        "find out why, then: etcdctl alarm disarm")));
    boolean begun = forging.equals(Optional.of(Long.toHexString(destination.clusterId())));
    RangeResponse there = count(destination);
    if (!begun) {
      empty(there);
    }
    if (source.isPresent()) {
      long reached = there.getHeader().getRevision();
      long compacted = new CompactionProbe(source.get()).compactRevision();
      revision(reached, compacted);
      cost(reached, compacted, count(source.get()));
    }
    return checks;
  }

  private boolean everyMemberAnswers() {
    boolean all = true;
    for (Endpoint endpoint : destination.endpoints()) {
      try {
        StatusResponse status = destination.status(endpoint);
        String what = endpoint + " is etcd " + status.getVersion();
        checks.add(
            EtcdVersion.of(status).isTooOld()
                ? Check.problem("destination", what, "begin with a cluster of 3.4 or later")
                : Check.fine("destination", what));
      } catch (UnavailableException e) {
        all = false;
        checks.add(
            Check.problem(
                "destination", endpoint + " does not answer", "start it, empty, then go on"));
      }
    }
    return all;
  }

  private static RangeResponse count(EtcdConnection cluster) {
    ByteString all = KeyRange.all().start();
    RangeRequest request =
        RangeRequest.newBuilder().setKey(all).setRangeEnd(all).setCountOnly(true).build();
    return cluster.read(KVGrpc.getRangeMethod(), request);
  }

  private void empty(RangeResponse there) {
    int leases = destination.leases().size();
    checks.add(
        there.getCount() == 0 && leases == 0
            ? Check.fine("destination", "it is empty")
            : Check.problem(
                "destination",
                "it has " + there.getCount() + " keys and " + leases + " leases",
                "begin with a new cluster; keys of several clusters are put together by lodestone"
                    + " migrate copy"));
  }

  /** What the source still tells of its history has to lie before the destination. */
  private void revision(long reached, long compacted) {
    checks.add(
        reached <= Math.max(1, compacted)
            ? Check.fine(
                "destination",
                "it is at revision " + reached + ", the source " + horizon(compacted))
            : forging.isPresent()
                ? Check.fine("destination", "it is at revision " + reached)
                : Check.problem(
                    "destination",
                    "it has used up "
                        + reached
                        + " revisions, and the source "
                        + horizon(compacted),
                    "begin with a new cluster, or compact the source at a higher revision"));
  }

  private static String horizon(long compacted) {
    return compacted < 0 ? "was never compacted" : "is compacted at " + compacted;
  }

  /** What is behind the compact revision is repeated in order; before it, what keys ask for. */
  private void cost(long reached, long compacted, RangeResponse keys) {
    long head = keys.getHeader().getRevision();
    long transactions = Math.max(0, head - reached);
    long repeated = Math.max(0, head - Math.max(compacted, reached));
    long ordered = Math.min(transactions, repeated + 2 * keys.getCount());
    ForgeCost cost = new ForgeCost(ordered, transactions - ordered);
    checks.add(
        Check.fine(
            "cost",
            "about "
                + cost.transactions()
                + " transactions, "
                + cost.ordered()
                + " of them one after the other: "
                + cost.estimate().toSeconds()
                + " s on usual disks, and what the source writes meanwhile"));
    checks.add(
        Check.warning(
            "cost",
            "users, roles and passwords are not taken over, nor how much of its TTL a lease has"
                + " used up",
            "set users up on the destination before the cutover, or let the migration write its"
                + " data: --to-data-dir, --to-store-dir"));
  }
}
