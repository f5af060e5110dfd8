package io.lodestone.bench.store;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.api.etcdserverpb.StatusResponse;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One server under test as a process of its own, with some connections to it. */
final class Contender implements AutoCloseable, Match.Side {
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
    this(name, program, folder, FreePorts.take(2), 0);
  }

  /** One of several: {@code ports} are a client's and a peer's for each member. */
  private Contender(
      String name, List<String> program, Path folder, List<Integer> ports, int number) {
    this.name = name;
    this.port = ports.get(2 * number);
    this.log = folder.resolve(name + ".log");
    this.command = new ArrayList<>(program);
    String client = "http://127.0.0.1:" + port;
    String peer = "http://127.0.0.1:" + ports.get(2 * number + 1);
    command.addAll(List.of("--name", "m" + (number + 1)));
    command.addAll(List.of("--data-dir", folder.resolve(name).toString()));
    command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
    command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
    command.addAll(List.of("--initial-cluster", initialCluster(ports), "--log-level", "warn"));
    command.add("--quota-backend-bytes=17179869184");
  }

  private static String initialCluster(List<Integer> ports) {
    return IntStream.range(0, ports.size() / 2)
        .mapToObj(i -> "m" + (i + 1) + "=http://127.0.0.1:" + ports.get(2 * i + 1))
        .collect(Collectors.joining(","));
  }

  /** The members of one cluster. */
  static List<Contender> cluster(String name, List<String> program, Path folder, int members)
      throws IOException {
    List<Integer> ports = FreePorts.take(2 * members);
    return IntStream.range(0, members)
        .mapToObj(i -> new Contender(name + "-" + (i + 1), program, folder, ports, i))
        .toList();
  }

  String name() {
    return name;
  }

  String endpoint() {
    return "127.0.0.1:" + port;
  }

  /** Starts the process; returns how long it took until it answered. */
  Duration start() throws IOException, InterruptedException {
    long start = System.nanoTime();
    launch();
    awaitAnswer();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Starts the process and does not wait for it. */
  void launch() throws IOException {
    process = ChildProcess.start(command, Map.of(), log);
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(
          NettyChannelBuilder.forAddress("127.0.0.1", port)
              .usePlaintext()
              .directExecutor()
              .maxInboundMessageSize(Integer.MAX_VALUE)
              .build());
    }
  }

  /** Waits until it answers. */
  void awaitAnswer() throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IOException(name + " does not come up:\n" + process.output());
      }
      TimeUnit.MILLISECONDS.sleep(10);
      connections.get(0).resetConnectBackoff();
    }
  }

  private boolean answers() {
    return status().isPresent();
  }

  /** What it says of itself; empty where it does not answer at once. */
  Optional<StatusResponse> status() {
    try {
      return Optional.of(
          MaintenanceGrpc.newBlockingStub(connections.get(0))
              .withDeadlineAfter(1, TimeUnit.SECONDS)
              .status(StatusRequest.getDefaultInstance()));
    } catch (io.grpc.StatusRuntimeException e) {
      // Not up yet; the caller gives up in time.
      return Optional.empty();
    }
  }

  /** SIGKILL. */
  void kill() {
    process.kill();
    stop();
  }

  @Override
  public List<ManagedChannel> connections(int clients) {
    return connections.subList(0, Math.min(clients, connections.size()));
  }

  @Override
  public Duration cpuTime() {
    return ProcessHandle.of(pid()).flatMap(one -> one.info().totalCpuDuration()).orElseThrow();
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
