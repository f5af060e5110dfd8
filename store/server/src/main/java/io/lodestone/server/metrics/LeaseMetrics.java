package io.lodestone.server.metrics;

import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseGrantResponse;
import io.lodestone.mvcc.log.Applied;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.util.concurrent.atomic.LongAdder;

/** Counts leases. Thread-safe. */
public final class LeaseMetrics {
  private final LongAdder granted = new LongAdder();
  private final LongAdder revoked = new LongAdder();
  private final LongAdder renewed = new LongAdder();
  private final LongAdder expired = new LongAdder();
  private final DistributionDataPoint ttls;

  LeaseMetrics(MetricList metrics) {
    metrics.counter("etcd_debugging_lease_granted_total", "Granted leases.", granted::sum);
    metrics.counter("etcd_debugging_lease_revoked_total", "Revoked leases.", revoked::sum);
    metrics.counter("etcd_debugging_lease_renewed_total", "Renewals of leases.", renewed::sum);
    metrics.counter("etcd_debugging_server_lease_expired_total", "Expired leases.", expired::sum);
    ttls = metrics.histogram("etcd_debugging_lease_ttl_total", "TTLs in seconds.", 1, 24);
  }

  void applied(InternalRaftRequest request, Applied applied) {
    if (applied.response().isEmpty()) {
      return;
    }
    if (applied.response().get() instanceof LeaseGrantResponse grant) {
      granted.increment();
      ttls.observe((double) grant.getTTL());
    } else if (request.hasLeaseRevoke()) {
      revoked.increment();
    }
  }

  /** A lease was given its whole TTL again. */
  public void renewed() {
    renewed.increment();
  }

  /** A lease ran out and was revoked. */
  public void expired() {
    expired.increment();
  }
}
