package io.lodestone.replica;

import io.lodestone.mvcc.Engine;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.server.ReplicaServer;
import io.lodestone.server.ReplicaServer.Identity;
import java.io.IOException;
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
  private Optional<Served> now = Optional.empty();

  /** What is served, and by what. */
  private record Served(Engine engine, ReplicaServer server) {
    void close() {
      try {
        server.close();
      } finally {
        engine.close();
      }
    }
  }

  Serving(ReplicaOptions options, Identity identity, LivingUpstream source) {
    this.options = options;
    this.identity = identity;
    this.source = source;
  }

  @Override
  public void replaced(Engine engine) throws IOException {
    Served next = new Served(engine, server(engine));
    close();
    now = Optional.of(next);
    source.resumed(engine.revision());
    next.server().start();
    LOG.atInfo()
        .addKeyValue("revision", engine.revision())
        .addKeyValue("cluster-id", Long.toHexString(identity.clusterId()))
        .addKeyValue("client-urls", next.server().clientUrls())
        .log("ready to serve client requests");
  }

  private ReplicaServer server(Engine engine) throws IOException {
    try {
      return new ReplicaServer(options.serving(), engine, identity, source, options.forwards());
    } catch (IOException | RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  @Override
  public void reached(Complete mark) {
    source.reached(mark);
  }

  @Override
  public void close() {
    now.ifPresent(Served::close);
    now = Optional.empty();
  }
}
