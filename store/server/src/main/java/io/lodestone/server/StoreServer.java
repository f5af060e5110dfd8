package io.lodestone.server;

import io.lodestone.mvcc.EngineOptions;
import io.lodestone.server.cluster.MembersFile;
import io.lodestone.server.cluster.MembersFile.Stored;
import io.lodestone.server.config.StoreConfig;
import io.lodestone.server.transport.ListenUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a cluster, be it the only one: engine, log, services, ports. {@link #start} returns
 * one that can be connected to, {@link #close} ends it; what was acknowledged is on disk either
 * way. Thread-safe.
 */
public final class StoreServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StoreServer.class);

  private final StoreConfig config;
  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final ServedMember member;

  /**
   * Opens the data directory, or makes one, and listens. Fails with a hint where another process
   * has the directory open, where a port is taken, or where the cluster to be joined cannot be
   * asked. Of several members, it answers once it finds enough others.
   */
  public static StoreServer start(StoreConfig config) throws IOException {
    return start(config, true);
  }

  /** The same, for one that no other member is to join where it is alone. */
  static StoreServer startUnreachable(StoreConfig config) throws IOException {
    return start(config, false);
  }

  private static StoreServer start(StoreConfig config, boolean reachable) throws IOException {
    config.notices().forEach(notice -> log.atWarn().log(notice));
    Files.createDirectories(config.dataDir());
    return new StoreServer(config, reachable);
  }

  private StoreServer(StoreConfig config, boolean reachable) throws IOException {
    this.config = config;
    DataDirectory dataDir = new DataDirectory(config.dataDir());
    MembersFile file = new MembersFile(dataDir.members());
    Optional<Stored> known = file.read();
    boolean several =
        Files.exists(dataDir.raft())
            || config.forceNewCluster()
            || (known.isEmpty() && (config.joining() || config.initialCluster().size() > 1));
    Stored self = known.isPresent() ? known.get() : first(config);
    if (several) {
      Files.createDirectories(dataDir.raft());
      if (known.isEmpty()) {
        file.write(self);
      }
      member = new ClusterMember(config, self, options(self), this::endByItself);
    } else {
      Stored published = LocalMember.published(self, config);
      member = new LoneMember(config, file, published, options(self), reachable, this::endByItself);
    }
    started.complete(null);
  }

  private static Stored first(StoreConfig config) throws IOException {
    return config.joining() ? LivingCluster.join(config) : LivingCluster.begin(config);
  }

  private EngineOptions options(Stored self) {
    return new EngineOptions(
        config.electionTimeout().multipliedBy(3).dividedBy(2),
        self.localId(),
        config.limits().quotaBytes(),
        config.bcryptCost(),
        EngineOptions.DEFAULT.cacheBytes());
  }

  /** Its part in the cluster is over, perhaps before it has begun to serve: see {@link #ended}. */
  private void endByItself() {
    var unused = started.thenRun(() -> new Thread(this::close, "store-end").start());
  }

  /** Completes when it has ended, by {@link #close} or by itself, as a removed member does. */
  public CompletableFuture<Void> ended() {
    return ended.copy();
  }

  /** Where clients connect, with the ports that were taken. */
  public List<ListenUrl> clientUrls() {
    return member.clientUrls();
  }

  @Override
  public synchronized void close() {
    if (ended.isDone()) {
      return;
    }
    member.close();
    log.atInfo().addKeyValue("name", config.name()).log("closed the store");
    ended.complete(null);
  }
}
