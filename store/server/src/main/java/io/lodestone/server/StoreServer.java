package io.lodestone.server;

import io.lodestone.auth.Tokens;
import io.lodestone.auth.token.TokenSpec;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.direct.DirectLog;
import io.lodestone.revisions.Origin;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.compaction.AutoCompaction;
import io.lodestone.server.config.CompactionConfig;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.lease.LeaseCheckpoints;
import io.lodestone.server.maintenance.EngineSnapshotWriter;
import io.lodestone.server.maintenance.ReportedVersion;
import io.lodestone.server.maintenance.Snapshots;
import io.lodestone.server.metrics.ServerMetrics;
import io.lodestone.server.proposal.DirectProposals;
import io.lodestone.server.proposal.Proposals;
import io.lodestone.server.transport.ListenUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of one member: engine, log, services, ports. {@link #start} returns one that serves,
 * {@link #close} ends it; what was acknowledged is on disk either way. Thread-safe.
 */
public final class StoreServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StoreServer.class);
  private static final Duration LEASE_TICK = Duration.ofMillis(500);

  private final StoreConfig config;
  private final DataDirectory dataDir;
  private final Closing closing = new Closing();
  private final ServerMetrics metrics;
  private final Pools pools = new Pools(Runtime.getRuntime().availableProcessors());
  private final LocalMember self;
  private final Engine engine;
  private final Listeners listeners;

  /**
   * Opens the data directory, or makes one, and listens. Fails with a hint where another process
   * has the directory open, where a port is taken, or where the configuration needs a second
   * member.
   */
  public static StoreServer start(StoreConfig config) throws IOException {
    config.notices().forEach(notice -> log.atWarn().log(notice));
    Files.createDirectories(config.dataDir());
    return new StoreServer(config);
  }

  private StoreServer(StoreConfig config) throws IOException {
    this.config = config;
    this.dataDir = new DataDirectory(config.dataDir());
    this.metrics = new ServerMetrics(config.extensiveMetrics());
    try {
      self = LocalMember.of(config);
      engine = closing.add(Engine.open(dataDir.engine(), engineOptions()));
      closing.add(pools);
      listeners = open();
    } catch (IOException | RuntimeException e) {
      closing.close();
      pools.close();
      throw e;
    }
  }

  private EngineOptions engineOptions() {
    return new EngineOptions(
        config.electionTimeout().multipliedBy(3).dividedBy(2),
        self.id(),
        config.limits().quotaBytes(),
        config.bcryptCost(),
        EngineOptions.DEFAULT.cacheBytes());
  }

  private Listeners open() throws IOException {
    Tokens tokens =
        closing.add(
            TokenSpec.parse(config.authTokenSpec())
                .open(config.authTokenTtl(), new SecureRandom(), Clock.systemUTC()));
    engine.auth().useTokens(tokens);
    DirectLog direct =
        new DirectLog(engine, config.synced() ? Durability.SYNCED : Durability.BY_LOG);
    Proposals proposals = new DirectProposals(direct, engine, self.id());
    Services services = services(proposals, tokens);
    services.listeners.forEach(engine::listen);
    closing.add(services.watches);
    services.watches.start();
    engine.leases().promote(Duration.ZERO);
    direct.start();
    closing.add(direct);
    every(LEASE_TICK, services.leaseExpiry::tick);
    if (config.leaseCheckpointPersist()) {
      every(LeaseCheckpoints.TICK, services.leaseCheckpoints::tick);
    }
    config.compaction().keep().ifPresent(keep -> compact(services, keep));
    Listeners ports =
        closing.add(
            new Listeners(config, services.all, new Health(engine, proposals, metrics), metrics));
    ports.start();
    tellStart(proposals);
    return ports;
  }

  private Services services(Proposals proposals, Tokens tokens) throws IOException {
    ResponseHeaders headers =
        new ResponseHeaders(self.clusterId(), self.id(), proposals::term, this::revision);
    Origin origin = new Origin(self.clusterId(), self.id(), ReportedVersion.SERVER);
    Snapshots snapshots =
        new Snapshots(
            dataDir.snapshots(),
            new EngineSnapshotWriter(
                engine, self.membership()::members, origin, Clock.systemUTC()));
    metrics.describe(
        proposals, Long.toHexString(self.id()), ReportedVersion.SERVER, clusterVersion());
    return new Services(
        config, engine, proposals, self.membership(), tokens, snapshots, headers, metrics, pools);
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

  private void compact(Services services, CompactionConfig.Keep keep) {
    AutoCompaction compaction = new AutoCompaction(keep, services.submissions, this::revision);
    every(compaction.interval(), compaction::tick);
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

  /** Process supervisors wait for these very words. */
  private void tellStart(Proposals proposals) {
    log.atInfo()
        .addKeyValue("local-member-id", Long.toHexString(self.id()))
        .addKeyValue("cluster-id", Long.toHexString(self.clusterId()))
        .addKeyValue("name", config.name())
        .addKeyValue("client-urls", config.advertiseClientUrls())
        .addKeyValue("term", proposals.term())
        .log("published local member to cluster through raft");
    log.atInfo()
        .addKeyValue("cluster-version", clusterVersion())
        .log("enabled capabilities for version");
    log.atInfo().log("ready to serve client requests");
  }

  /** Where clients connect, with the ports that were taken. */
  public List<ListenUrl> clientUrls() {
    return listeners.clientUrls();
  }

  @Override
  public synchronized void close() {
    closing.close();
    log.atInfo().addKeyValue("name", config.name()).log("closed the store");
  }
}
