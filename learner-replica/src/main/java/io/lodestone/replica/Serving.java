package io.lodestone.replica;

import io.lodestone.client.EtcdConnection;
import io.lodestone.mvcc.Engine;
import io.lodestone.server.ReplicaServer;
import io.lodestone.server.ReplicaServer.Identity;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine that is followed, and its server on the ports. A new base takes both places at once:
 * until it is whole the old one serves; then its calls end, as when a member of etcd starts again,
 * and clients that resume their watches behind a compaction are told so. Confined to one thread.
 */
final class Serving implements Follower.Audience, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

  private final ReplicaOptions options;
  private final Identity identity;
  private final LivingUpstream source;
  private final EtcdConnection connection;
  private final VerificationRecord record = new VerificationRecord(Clock.systemUTC());
  private Optional<Served> now = Optional.empty();

  /** What is served, by what, and compared with the source by what. */
  private record Served(Engine engine, ReplicaServer server, Verification verification) {
    void close() {
      try {
        verification.close();
        server.close();
      } finally {
        engine.close();
      }
    }
  }

  /** {@code connection} is for comparisons with the source. */
  Serving(
      ReplicaOptions options, Identity identity, LivingUpstream source, EtcdConnection connection) {
    this.options = options;
    this.identity = identity;
    this.source = source;
    this.connection = connection;
  }

  @Override
  public void replaced(Engine engine) throws IOException {
    Served next = new Served(engine, server(engine), new Verification(engine, connection, record));
    close();
    now = Optional.of(next);
    source.reached(engine.revision());
    next.server().start();
    options.verifyInterval().ifPresent(next.verification()::start);
    LOG.atInfo()
        .addKeyValue("revision", engine.revision())
        .addKeyValue("cluster-id", Long.toHexString(identity.clusterId()))
        .addKeyValue("client-urls", next.server().clientUrls())
        .log("ready to serve client requests");
  }

  private ReplicaServer server(Engine engine) throws IOException {
    try {
      ReplicaServer server =
          new ReplicaServer(options.serving(), engine, identity, source, options.forwards());
      record.describe(server);
      server.gauge(
          "lodestone_replica_fault",
          "1 while the copy needs a person, as /health tells.",
          () -> source.fault().isPresent() ? 1 : 0);
      return server;
    } catch (IOException | RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  @Override
  public void reached(long revision) {
    source.reached(revision);
  }

  @Override
  public void current(Instant moment) {
    source.current(moment);
  }

  @Override
  public void close() {
    now.ifPresent(Served::close);
    now = Optional.empty();
  }
}
