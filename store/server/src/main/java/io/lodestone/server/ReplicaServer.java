package io.lodestone.server;

import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.revisions.Origin;
import io.lodestone.server.call.ResponseHeaders;
import io.lodestone.server.cluster.LoneMembership;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.forward.Forwarding;
import io.lodestone.server.forward.SourceProposals;
import io.lodestone.server.forward.SourceTokens;
import io.lodestone.server.forward.StatusFacts;
import io.lodestone.server.forward.Upstream;
import io.lodestone.server.lease.LeaseTimes;
import io.lodestone.server.maintenance.EngineSnapshotWriter;
import io.lodestone.server.maintenance.ReportedVersion;
import io.lodestone.server.maintenance.Snapshots;
import io.lodestone.server.metrics.ServerMetrics;
import io.lodestone.server.transport.ListenUrl;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * Serves an engine that follows another cluster: reads and watches from here, everything else by
 * the source. Nothing here expires, compacts or changes by itself. Thread-safe.
 */
public final class ReplicaServer implements AutoCloseable {
  private final Closing closing = new Closing();
  private final ServerMetrics metrics;
  private final Pools pools = new Pools(Runtime.getRuntime().availableProcessors());
  private final StoreConfig config;
  private final Engine engine;
  private final StatusFacts facts = new StatusFacts();
  private final Listeners listeners;

  /** Which copy of which cluster this is. Immutable. */
  public record Identity(long clusterId, long replicaId) {}

  /**
   * Serves nothing yet; must be made before the engine follows anything.
   *
   * @param config where to listen and how; its data directory takes snapshots under way
   * @param engine stays the caller's to close, after this
   * @param forwards whether calls that change something are handed to the source, or refused
   */
  public ReplicaServer(
      StoreConfig config, Engine engine, Identity identity, Upstream source, boolean forwards)
      throws IOException {
    this.config = config;
    this.engine = engine;
    this.metrics = new ServerMetrics(config.extensiveMetrics());
    closing.add(pools);
    try {
      listeners = closing.add(listeners(identity, source, forwards));
    } catch (IOException | RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  private Listeners listeners(Identity identity, Upstream source, boolean forwards)
      throws IOException {
    SourceTokens tokens = closing.add(new SourceTokens(config.authTokenTtl()));
    engine.auth().useTokens(tokens);
    SourceProposals proposals = new SourceProposals(source, engine);
    Forwarding forwarding =
        new Forwarding(source, forwards, () -> engine.auth().view().enabled(), tokens);
    describe(identity, source, proposals);
    Services services = services(identity, proposals, tokens);
    services.listeners.forEach(engine::listen);
    closing.add(services.watches);
    services.watches.start();
    return new Listeners(
        config,
        services.all.stream().map(forwarding::over).map(facts::over).toList(),
        List.of(),
        new Health(engine, proposals, () -> false, source::fault, metrics),
        metrics);
  }

  private void describe(Identity identity, Upstream source, SourceProposals proposals) {
    metrics.describe(
        proposals,
        Long.toHexString(identity.replicaId()),
        ReportedVersion.SERVER,
        ReportedVersion.CLUSTER);
    metrics.gauge(
        "lodestone_replica_staleness_seconds",
        "Since when the copy is not known to be what the source is.",
        () -> source.staleness().toMillis() / 1000.0);
  }

  private Services services(Identity identity, SourceProposals proposals, SourceTokens tokens)
      throws IOException {
    ResponseHeaders headers =
        new ResponseHeaders(
            identity.clusterId(), identity.replicaId(), proposals::term, this::revision);
    Origin origin = new Origin(identity.clusterId(), identity.replicaId(), ReportedVersion.SERVER);
    LoneMembership sources =
        new LoneMembership(engine.members().all(), Clock.systemUTC(), members -> {});
    Snapshots snapshots =
        new Snapshots(
            config.dataDir().resolve("snapshots"),
            new EngineSnapshotWriter(engine, sources::members, origin, Clock.systemUTC()));
    return new Services(
        config,
        engine,
        proposals,
        sources,
        LeaseTimes.of(engine.leases()),
        tokens,
        snapshots,
        headers,
        metrics,
        pools);
  }

  private long revision() {
    try (EngineView view = engine.view()) {
      return view.revision();
    }
  }

  /** Adds a metric of the replica's own. */
  public void gauge(String name, String help, DoubleSupplier value) {
    metrics.gauge(name, help, value);
  }

  /** Likewise, one that only rises. */
  public void counter(String name, String help, DoubleSupplier value) {
    metrics.counter(name, help, value);
  }

  /** Tells something beside each answer of Status, in the trailer {@code name}, where known. */
  public void statusFact(String name, Supplier<Optional<String>> value) {
    facts.add(name, value);
  }

  /** When this returns, clients can connect. */
  public void start() throws IOException {
    listeners.start();
  }

  /** Where clients connect, with the ports that were taken; only after {@link #start}. */
  public List<ListenUrl> clientUrls() {
    return listeners.clientUrls();
  }

  /** Ends all calls. */
  @Override
  public synchronized void close() {
    closing.close();
  }
}
