package io.lodestone.server;

import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.lodestone.api.LeaseId;
import io.lodestone.auth.Logins;
import io.lodestone.auth.Tokens;
import io.lodestone.mvcc.ChangeListener;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.Leases;
import io.lodestone.mvcc.watch.WatchHub;
import io.lodestone.server.auth.AuthService;
import io.lodestone.server.call.Access;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.cluster.ClusterService;
import io.lodestone.server.cluster.Membership;
import io.lodestone.server.concurrency.Deletions;
import io.lodestone.server.concurrency.ElectionService;
import io.lodestone.server.concurrency.LockService;
import io.lodestone.server.concurrency.Observations;
import io.lodestone.server.concurrency.Queue;
import io.lodestone.server.concurrency.StoreCalls;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.kv.KvService;
import io.lodestone.server.kv.Quota;
import io.lodestone.server.kv.Reads;
import io.lodestone.server.lease.LeaseCheckpoints;
import io.lodestone.server.lease.LeaseExpiry;
import io.lodestone.server.lease.LeaseService;
import io.lodestone.server.lease.LeaseTimes;
import io.lodestone.server.maintenance.MaintenanceService;
import io.lodestone.server.maintenance.Snapshots;
import io.lodestone.server.metrics.ServerMetrics;
import io.lodestone.server.proposal.Proposals;
import io.lodestone.server.proposal.RequestIds;
import io.lodestone.server.proposal.Submissions;
import io.lodestone.server.watch.WatchService;
import java.util.List;

/** The parts list of the services: what stands on what, over one engine. Immutable. */
final class Services {
  private static final long DEFAULT_QUOTA_BYTES = 2L << 30;

  final ResponseHeaders headers;
  final Access access;
  final Submissions submissions;
  final Proposals proposals;
  final LeaseExpiry leaseExpiry;
  final LeaseCheckpoints leaseCheckpoints;
  final Reads reads;
  final WatchHub watches;
  final List<BindableService> all;
  final List<ChangeListener> listeners;

  Services(
      StoreConfig config,
      Engine engine,
      Proposals proposals,
      Membership membership,
      LeaseTimes leaseTimes,
      Tokens tokens,
      Snapshots snapshots,
      ResponseHeaders headers,
      ServerMetrics metrics,
      Pools pools) {
    this.headers = headers;
    this.proposals = proposals;
    Logins logins =
        new Logins(() -> engine.auth().view(), tokens, config.bcryptCost(), pools.logins);
    access = new Access(() -> engine.auth().view(), logins, id -> keysOf(engine.leases(), id));
    RequestIds ids = new RequestIds(headers.memberId(), System.currentTimeMillis());
    submissions =
        new Submissions(proposals, ids, access, logins::root, config.limits().maxRequestBytes());
    Quota quota = new Quota(engine, submissions, headers.memberId(), quotaBytes(config));
    Reads reads = new Reads(engine, proposals, access, headers, metrics.keyspace(), pools.reads);
    leaseExpiry = new LeaseExpiry(engine.leases(), submissions, metrics.leases()::expired);
    leaseCheckpoints = new LeaseCheckpoints(engine.leases(), submissions::submitOwn);
    StoreCalls calls = new StoreCalls(submissions, reads::range, ids, headers);
    Deletions deletions = new Deletions(pools.tellers);
    Queue queue = new Queue(calls, deletions);
    Observations observations = new Observations(calls, headers, pools.tellers);
    watches = new WatchHub(engine::view);
    listeners = List.of(watches, deletions, observations);
    this.reads = reads;
    metrics.describe(engine, quotaBytes(config), pools.background);
    metrics.describe(watches);
    all =
        List.of(
            new KvService(
                submissions,
                reads,
                quota,
                access,
                headers,
                config.limits().maxTxnOps(),
                engine::whenCompacted),
            new WatchService(
                watches,
                access,
                headers,
                config.limits().maxRequestBytes(),
                config.watchProgressInterval(),
                metrics.watches(),
                pools.timer),
            new LeaseService(
                submissions,
                ids,
                engine.leases(),
                leaseTimes,
                quota::requireLease,
                leaseCheckpoints,
                metrics.leases()::renewed,
                access,
                headers),
            new ClusterService(membership, proposals, access, headers, pools.background),
            new MaintenanceService(
                engine,
                submissions,
                proposals,
                membership,
                snapshots,
                access,
                headers,
                metrics.maintenance(),
                pools.background),
            new AuthService(submissions, proposals::readBarrier, logins, access, headers),
            new LockService(calls, queue, access),
            new ElectionService(calls, queue, observations, access));
  }

  private static long quotaBytes(StoreConfig config) {
    long asked = config.limits().quotaBytes();
    return asked == 0 ? DEFAULT_QUOTA_BYTES : asked;
  }

  private static Iterable<ByteString> keysOf(Leases leases, long id) {
    return leases.status(new LeaseId(id), true).map(Leases.LeaseStatus::keys).orElse(List.of());
  }
}
