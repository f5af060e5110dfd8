package io.lodestone.server;

import io.lodestone.auth.Tokens;
import io.lodestone.auth.token.TokenSpec;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.raft.RaftConfig;
import io.lodestone.revisions.Origin;
import io.lodestone.server.call.LeaderInterceptor;
import io.lodestone.server.call.LearnerInterceptor;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.call.TokenInterceptor;
import io.lodestone.server.cluster.Membership;
import io.lodestone.server.compaction.AutoCompaction;
import io.lodestone.server.config.CompactionConfig;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.lease.LeaseCheckpoints;
import io.lodestone.server.lease.LeaseTimes;
import io.lodestone.server.maintenance.EngineSnapshotWriter;
import io.lodestone.server.maintenance.ReportedVersion;
import io.lodestone.server.maintenance.Snapshots;
import io.lodestone.server.metrics.MemberMetrics;
import io.lodestone.server.metrics.ServerMetrics;
import io.lodestone.server.proposal.Proposals;
import io.lodestone.server.transport.ListenUrl;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Services, ticks and ports over one engine, which stays its owner's to close, after this. Must be
 * made before the engine applies anything. Confined to its owner's thread.
 */
final class Serving implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Serving.class);
  private static final Duration LEASE_TICK = Duration.ofMillis(500);

  private final Closing closing = new Closing();
  private final Pools pools = new Pools(Runtime.getRuntime().availableProcessors());
  private final StoreConfig config;
  private final Engine engine;
  private final Identity identity;
  private final Proposals proposals;
  private final ServerMetrics metrics;
  private final MemberMetrics memberMetrics;
  private final Services services;
  private final Listeners ports;

  /** Which member of which cluster serves. Immutable. */
  record Identity(long clusterId, long memberId) {}

  Serving(
      StoreConfig config,
      Engine engine,
      Identity identity,
      Membership membership,
      LeaseTimes leaseTimes,
      Proposals proposals,
      MemberMetrics memberMetrics)
      throws IOException {
    this.config = config;
    this.engine = engine;
    this.identity = identity;
    this.proposals = proposals;
    this.metrics = new ServerMetrics(config.extensiveMetrics(), memberMetrics);
    this.memberMetrics = memberMetrics;
    closing.add(pools);
    try {
      Tokens tokens =
          closing.add(
              TokenSpec.parse(config.authTokenSpec())
                  .open(config.authTokenTtl(), new SecureRandom(), Clock.systemUTC()));
      engine.auth().useTokens(tokens);
      services = services(membership, leaseTimes, tokens);
      services.listeners.forEach(engine::listen);
      closing.add(services.watches);
      services.watches.start();
      LeaderInterceptor leader = new LeaderInterceptor(proposals::leader);
      every(config.electionTimeout(), leader::tick);
      ports =
          new Listeners(
              config,
              services.all,
              List.of(
                  new TokenInterceptor(
                      tokens::neededIndex, engine::appliedIndex, patience(config), pools.timer),
                  leader,
                  new LearnerInterceptor(proposals::learns)),
              new Health(engine, proposals, proposals::learns, Optional::empty, metrics),
              metrics);
      startTicks();
    } catch (IOException | RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  /** etcd waits for as long as the client; but nobody need ever make that login. */
  private static Duration patience(StoreConfig config) {
    return RaftConfig.requestTimeout(config.electionTimeout());
  }

  private Services services(Membership membership, LeaseTimes leaseTimes, Tokens tokens)
      throws IOException {
    ResponseHeaders headers =
        new ResponseHeaders(
            identity.clusterId(), identity.memberId(), proposals::term, this::revision);
    Origin origin = new Origin(identity.clusterId(), identity.memberId(), ReportedVersion.SERVER);
    Snapshots snapshots =
        new Snapshots(
            new DataDirectory(config.dataDir()).snapshots(),
            new EngineSnapshotWriter(engine, membership::members, origin, Clock.systemUTC()));
    metrics.describe(
        proposals, Long.toHexString(identity.memberId()), ReportedVersion.SERVER, clusterVersion());
    return new Services(
        config,
        engine,
        proposals,
        membership,
        leaseTimes,
        tokens,
        snapshots,
        headers,
        metrics,
        pools);
  }

  private void startTicks() {
    every(LEASE_TICK, services.leaseExpiry::tick);
    if (config.leaseCheckpointPersist()) {
      every(LeaseCheckpoints.TICK, services.leaseCheckpoints::tick);
    }
    config.compaction().keep().ifPresent(this::compact);
  }

  private void compact(CompactionConfig.Keep keep) {
    AutoCompaction compaction = new AutoCompaction(keep, services.submissions, this::revision);
    every(
        compaction.interval(),
        () -> {
          if (proposals.leads()) {
            compaction.tick();
          }
        });
  }

  private long revision() {
    try (EngineView view = engine.view()) {
      return view.revision();
    }
  }

  /** Major and minor version. */
  private static String clusterVersion() {
    return ReportedVersion.CLUSTER.substring(0, ReportedVersion.CLUSTER.lastIndexOf('.'));
  }

  /** A tick that fails is told, and the next one comes all the same. */
  private void every(Duration interval, Runnable tick) {
    Runnable guarded =
        () -> {
          try {
            tick.run();
          } catch (RuntimeException e) {
            log.atError().setCause(e).log("a periodic task failed");
          }
        };
    var unused =
        pools.timer.scheduleAtFixedRate(
            guarded, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** For what takes long. */
  Executor background() {
    return pools.background;
  }

  /** When this returns, clients can connect. */
  void openPorts() throws IOException {
    ports.start();
  }

  /** Ends all calls; to be called before whatever answers them is closed. */
  void closePorts() {
    ports.close();
  }

  /** What is counted beyond this one's life. */
  MemberMetrics memberMetrics() {
    return memberMetrics;
  }

  /** Process supervisors wait for these very words. */
  void tellStart() {
    log.atInfo()
        .addKeyValue("local-member-id", Long.toHexString(identity.memberId()))
        .addKeyValue("cluster-id", Long.toHexString(identity.clusterId()))
        .addKeyValue("name", config.name())
        .addKeyValue("client-urls", config.advertiseClientUrls())
        .addKeyValue("term", proposals.term())
        .log("published local member to cluster through raft");
    log.atInfo()
        .addKeyValue("cluster-version", clusterVersion())
        .log("enabled capabilities for version");
    log.atInfo().log("ready to serve client requests");
  }

  List<ListenUrl> clientUrls() {
    return ports.clientUrls();
  }

  /** Leaves the engine open. */
  @Override
  public void close() {
    closing.close();
  }
}
