package io.lodestone.bench.store;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One server under test as a process of its own, with some connections to it. */
final class Contender implements AutoCloseable {
  private static final int CONNECTIONS = 8;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String name;
  private final List<String> command;
  private final Path log;
  private final int port;
  private final List<ManagedChannel> connections = new ArrayList<>();
  private ChildProcess process;

  /** {@code program} is the command before etcd's flags. */
  Contender(String name, List<String> program, Path folder) throws IOException {
    this.name = name;
    List<Integer> ports = FreePorts.take(2);
    this.port = ports.get(0);
    this.log = folder.resolve(name + ".log");
    this.command = new ArrayList<>(program);
    String client = "http://127.0.0.1:" + port;
    String peer = "http://127.0.0.1:" + ports.get(1);
    command.addAll(List.of("--name", "m1", "--data-dir", folder.resolve(name).toString()));
    command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
    command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
    command.addAll(List.of("--initial-cluster", "m1=" + peer, "--log-level", "warn"));
    command.add("--quota-backend-bytes=17179869184");
  }

  String name() {
    return name;
  }

  /** Starts the process; returns how long it took until it answered. */
  Duration start() throws IOException, InterruptedException {
    long start = System.nanoTime();
    process = ChildProcess.start(command, Map.of(), log);
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(
          NettyChannelBuilder.forAddress("127.0.0.1", port)
              .usePlaintext()
              .directExecutor()
              .maxInboundMessageSize(Integer.MAX_VALUE)
              .build());
    }
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IOException(name + " does not come up:\n" + process.output());
      }
      TimeUnit.MILLISECONDS.sleep(10);
      connections.get(0).resetConnectBackoff();
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private boolean answers() {
    try {
      MaintenanceGrpc.newBlockingStub(connections.get(0))
          .withDeadlineAfter(1, TimeUnit.SECONDS)
          .status(StatusRequest.getDefaultInstance());
      return true;
    } catch (io.grpc.StatusRuntimeException e) {
      // Not up yet; the caller gives up in time.
      return false;
    }
  }

  List<ManagedChannel> connections(int clients) {
    return connections.subList(0, Math.min(clients, connections.size()));
  }

  long pid() {
    return process.pid();
  }

  void stop() {
    connections.forEach(ManagedChannel::shutdownNow);
    connections.clear();
    if (process != null) {
      process.close();
      process = null;
    }
  }

  @Override
  public void close() {
    stop();
  }
}
