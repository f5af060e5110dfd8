package io.lodestone.peers;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A cluster of stock etcd members on loopback. {@link #close} stops it and leaves its data
 * directories. Confined to one thread.
 *
 * <pre>{@code
 * try (EtcdCluster cluster = EtcdCluster.of(EtcdRelease.of("3.5"), folder).members(3).start()) { ... }
 * }</pre>
 */
public final class EtcdCluster implements AutoCloseable {
  private static final Duration BOOT_PATIENCE = Duration.ofMinutes(2);

  private final EtcdRelease release;
  private final List<EtcdMember> members;
  private final Map<String, ManagedChannel> channels = new HashMap<>();

  private EtcdCluster(EtcdRelease release, List<EtcdMember> members) {
    this.release = release;
    this.members = List.copyOf(members);
  }

  /**
   * A plan for a cluster whose data directories lie in {@code folder} as {@code m1}, {@code m2},
   * ...
   */
  public static Plan of(EtcdRelease release, Path folder) {
    return new Plan(release, folder);
  }

  /** What a cluster will be: one member and no extra flags unless said otherwise. */
  public static final class Plan {
    private final EtcdRelease release;
    private final Path folder;
    private final List<String> flags = new ArrayList<>();
    private List<Integer> ports = FreePorts.take(2);
    private String token = "peers";
    private String peerHost = "127.0.0.1";

    private Plan(EtcdRelease release, Path folder) {
      this.release = release;
      this.folder = folder;
    }

    public Plan members(int count) {
      ports = FreePorts.take(2 * count);
      return this;
    }

    public Plan token(String initialClusterToken) {
      token = initialClusterToken;
      return this;
    }

    /** Another name of this machine, by which members tell each other where they are. */
    public Plan peerHost(String name) {
      peerHost = name;
      return this;
    }

    /** Further etcd flags for every member, for example {@code --max-txn-ops=1000}. */
    public Plan flags(String... more) {
      flags.addAll(List.of(more));
      return this;
    }

    /** Names and peer URLs, known before anything starts: what a restore has to be told. */
    public Map<String, String> peerUrls() {
      boolean secured = flags.stream().anyMatch(flag -> flag.startsWith("--peer-cert-file"));
      Map<String, String> urls = new java.util.TreeMap<>();
      for (int i = 0; i < ports.size() / 2; i++) {
        urls.put(
            "m" + (i + 1),
            (secured ? "https" : "http") + "://" + peerHost + ":" + ports.get(2 * i));
      }
      return urls;
    }

    /** {@code host:port} of every member's client port, known before anything starts. */
    public List<String> endpoints() {
      List<String> endpoints = new ArrayList<>();
      for (int i = 0; i < ports.size() / 2; i++) {
        endpoints.add("127.0.0.1:" + ports.get(2 * i + 1));
      }
      return endpoints;
    }

    /** Where member {@code name} keeps, or will keep, its data. */
    public Path dataDir(String name) {
      return folder.resolve(name);
    }

    public String token() {
      return token;
    }

    /**
     * Starts every member, on data directories that exist or on new ones, and waits until each
     * answers a linearizable read.
     */
    public EtcdCluster start() throws IOException, InterruptedException {
      EtcdCluster cluster = startWithoutWaiting();
      try {
        cluster.awaitReady();
      } catch (IOException | InterruptedException | RuntimeException e) {
        cluster.close();
        throw e;
      }
      return cluster;
    }

    private EtcdCluster startWithoutWaiting() throws IOException {
      Files.createDirectories(folder);
      String initial =
          peerUrls().entrySet().stream()
              .map(e -> e.getKey() + "=" + e.getValue())
              .collect(Collectors.joining(","));
      List<EtcdMember> members = new ArrayList<>();
      for (int i = 0; i < ports.size() / 2; i++) {
        List<String> all =
            new ArrayList<>(
                List.of("--initial-cluster", initial, "--initial-cluster-token", token));
        all.addAll(flags);
        String name = "m" + (i + 1);
        all.addAll(List.of("--initial-advertise-peer-urls", peerUrls().get(name)));
        members.add(
            new EtcdMember(
                release, name, ports.get(2 * i + 1), ports.get(2 * i), dataDir(name), all));
      }
      EtcdCluster cluster = new EtcdCluster(release, members);
      for (EtcdMember member : members) {
        member.start();
      }
      return cluster;
    }
  }

  public EtcdRelease release() {
    return release;
  }

  public List<EtcdMember> members() {
    return members;
  }

  public EtcdMember member(int index) {
    return members.get(index);
  }

  /** {@code host:port} of every member. */
  public List<String> endpoints() {
    return members.stream().map(EtcdMember::endpoint).toList();
  }

  /** A plain-text channel to one member, kept until the cluster is closed. */
  public ManagedChannel channel(int index) {
    return channels.computeIfAbsent(
        member(index).endpoint(),
        endpoint ->
            NettyChannelBuilder.forTarget(endpoint)
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build());
  }

  /** Runs etcdctl against the cluster and returns what it printed; fails where it fails. */
  public String etcdctl(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(release.etcdctl().toString(), "--endpoints", String.join(",", endpoints())));
    command.addAll(List.of(arguments));
    return Commands.run(command);
  }

  /**
   * Waits until every member that runs over plain text answers a linearizable read. TLS members
   * count once they listen.
   */
  public void awaitReady() throws IOException, InterruptedException {
    for (int i = 0; i < members.size(); i++) {
      awaitReady(i);
    }
  }

  /**
   * Waits until one member answers a linearizable read; an answer of "permission denied" is one.
   */
  public void awaitReady(int index) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + BOOT_PATIENCE.toNanos();
    while (!answers(index)) {
      if (!member(index).isAlive() || System.nanoTime() > deadline) {
        throw new IOException(
            "etcd member " + member(index).name() + " does not come up:\n" + member(index).log());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private boolean answers(int index) {
    if (member(index).isSecured()) {
      return member(index).listens();
    }
    RangeRequest read =
        RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("\0")).setCountOnly(true).build();
    try {
      KVGrpc.newBlockingStub(channel(index)).withDeadlineAfter(2, TimeUnit.SECONDS).range(read);
      return true;
    } catch (StatusRuntimeException e) {
      channel(index).resetConnectBackoff();
      return switch (e.getStatus().getCode()) {
        case INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED -> true;
        default -> false;
      };
    }
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
    members.forEach(EtcdMember::close);
  }
}
