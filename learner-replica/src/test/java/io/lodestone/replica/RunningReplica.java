package io.lodestone.replica;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.client.ClientOptions;
import io.lodestone.client.EtcdConnection;
import io.lodestone.peers.FreePorts;
import io.lodestone.server.config.StoreConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A replica in this process, on a thread of its own, and a client of it. Confined to one thread.
 */
final class RunningReplica implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Replica replica;
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private final Thread thread = new Thread(this::run, "replica");
  private final String endpoint;
  private final EtcdConnection client;

  private RunningReplica(ReplicaOptions options, String endpoint, ClientOptions client) {
    this.replica = new Replica(options);
    this.endpoint = endpoint;
    this.client = EtcdConnection.open(client);
  }

  static RunningReplica start(List<String> source, Path dataDir) {
    return start(ClientOptions.of(source.toArray(String[]::new)), dataDir, FreePorts.take(), true);
  }

  static RunningReplica start(ClientOptions source, Path dataDir, int port, boolean forwards) {
    String endpoint = "127.0.0.1:" + port;
    RunningReplica running =
        new RunningReplica(
            options(source, dataDir, port, forwards), endpoint, clientOf(endpoint, source));
    running.thread.start();
    return running;
  }

  /** One that is a learner of a cluster, and listens to its members at {@code peerPort}. */
  static RunningReplica learn(
      ClientOptions source, Path dataDir, int peerPort, String scheme, String... flags) {
    int port = FreePorts.take();
    String endpoint = "127.0.0.1:" + port;
    ReplicaOptions options = options(source, dataDir, port, true);
    List<String> all =
        new ArrayList<>(
            List.of(
                "--data-dir=" + dataDir,
                "--listen-client-urls=http://" + endpoint,
                "--advertise-client-urls=http://" + endpoint,
                "--listen-peer-urls=" + scheme + "://127.0.0.1:" + peerPort,
                "--initial-advertise-peer-urls=" + scheme + "://127.0.0.1:" + peerPort));
    all.addAll(List.of(flags));
    ReplicaOptions learning =
        new ReplicaOptions(
            options.source(),
            options.lookInterval(),
            StoreConfig.read(all, Map.of()),
            true,
            options.verifyInterval(),
            Optional.empty(),
            Mode.RAFT);
    RunningReplica running = new RunningReplica(learning, endpoint, clientOf(endpoint, source));
    running.thread.start();
    return running;
  }

  private static ClientOptions clientOf(String endpoint, ClientOptions source) {
    ClientOptions client = ClientOptions.of(endpoint);
    return source.credentials().isPresent()
        ? client.withUser(source.credentials().get().user(), source.credentials().get().password())
        : client;
  }

  static ReplicaOptions options(ClientOptions source, Path dataDir, int port, boolean forwards) {
    String url = "http://127.0.0.1:" + port;
    StoreConfig serving =
        StoreConfig.read(
            List.of(
                "--data-dir=" + dataDir,
                "--listen-client-urls=" + url,
                "--advertise-client-urls=" + url),
            Map.of());
    return new ReplicaOptions(
        source,
        Duration.ofMillis(200),
        serving,
        forwards,
        Optional.of(Duration.ofMillis(300)),
        Optional.empty(),
        Mode.WATCH);
  }

  private void run() {
    try {
      replica.run();
      end.complete(null);
    } catch (IOException | RuntimeException e) {
      end.completeExceptionally(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end.completeExceptionally(e);
    }
  }

  /** What a client of the replica has. */
  EtcdConnection client() {
    return client;
  }

  Channel channel() {
    return client.channel(client.endpoints().get(0));
  }

  String endpoint() {
    return endpoint;
  }

  /** Waits until a serializable read shows {@code revision}. */
  RunningReplica awaitRevision(long revision) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> revision() >= revision);
    return this;
  }

  /** The same, or until it has ended by itself. */
  void awaitRevisionOrEnd(long revision) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> hasEnded() || served() >= revision);
  }

  private long revision() {
    if (end.isDone()) {
      throw new AssertionError("the replica has ended", failure());
    }
    return served();
  }

  /** 0 while it does not serve. */
  private long served() {
    RangeRequest local =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("k"))
            .setSerializable(true)
            .build();
    try {
      return client
          .ask(client.endpoints().get(0), KVGrpc.getRangeMethod(), local)
          .getHeader()
          .getRevision();
    } catch (LodestoneException e) {
      return 0;
    }
  }

  boolean hasEnded() {
    return end.isDone();
  }

  /** Waits until it has ended by itself, and returns why. */
  Throwable failure() {
    return end.handle((done, failure) -> failure)
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  @Override
  public void close() {
    client.close();
    replica.stop();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
