package io.lodestone.bench.store;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.FreePorts;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * Measures {@code lodestone replica} behind three members of stock etcd 3.5 that are written to at
 * a steady pace: how much later the same event comes from the replica than from the source's
 * leader, by either mode, while the replica's JVM is fresh and when it no longer is, beside how
 * much later it comes from a member that does not lead; what processor time the replica and the
 * members take; and what a thousand watchers at the replica cost the source.
 *
 * <p>Arguments: the folder to work in, puts a second (default 5,000), seconds of each measurement
 * (default 20), seconds of the same load before the replica counts as warm (default 40), modes,
 * with commas between (default both), and numbers of watchers (default 1 and 1,001).
 */
public final class ReplicaBench {
  private static final String[] MODES = {"watch", "raft"};
  private static final String[] WATCHERS = {"1", "1001"};
  private static final int MEMBERS = 3;
  private static final int KEYS = 10_000;
  private static final String WATCHER_COUNT = "etcd_debugging_mvcc_watcher_total ";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path lodestone;
  private final Path folder;
  private final int pace;
  private final Duration window;
  private final Duration warmUp;
  private final PrintStream out;
  private final Requests requests = new Requests(KEYS);
  private final HttpClient http = HttpClient.newHttpClient();

  private ReplicaBench(
      Path lodestone, Path folder, int pace, Duration window, Duration warmUp, PrintStream out) {
    this.lodestone = lodestone;
    this.folder = folder;
    this.pace = pace;
    this.window = window;
    this.warmUp = warmUp;
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(System.getProperty("lodestone.home", ".")).toAbsolutePath().normalize();
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    int pace = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5000;
    int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 20;
    int warmUp = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 40;
    String[] modes = arguments.length > 4 ? arguments[4].split(",", -1) : MODES;
    String[] watchers = arguments.length > 5 ? arguments[5].split(",", -1) : WATCHERS;
    Files.createDirectories(folder);
    List<String> etcd = List.of(EtcdRelease.of("3.5").etcd().toString());
    try (Members source = new Members("source", etcd, folder, MEMBERS)) {
      source.start();
      new Fill(source.connections(Integer.MAX_VALUE), KEYS, Requests.VALUE_BYTES, 4).run();
      new ReplicaBench(
              home.resolve("lodestone"),
              folder,
              pace,
              Duration.ofSeconds(seconds),
              Duration.ofSeconds(warmUp),
              System.out)
          .run(source, List.of(modes), Stream.of(watchers).map(Integer::valueOf).toList());
    }
  }

  private void run(Members source, List<String> modes, List<Integer> watchers)
      throws IOException, InterruptedException {
    out.println(
        "| mode, watchers at the replica | puts/s | lag p50, p99, max ms "
            + "| lag of another member of the source "
            + "| processor time of the replica, of the source, cores | watchers at the source |");
    out.println("|---|---|---|---|---|---|");
    for (String mode : modes) {
      int port = FreePorts.take(2).get(0);
      try (ChildProcess replica = replica(source, mode, port)) {
        ManagedChannel channel = channel(port);
        try {
          awaitServing(channel, replica);
          measure(source, mode + ", fresh", channel, replica, 1, Duration.ZERO);
          for (int count : watchers) {
            measure(source, mode + ", warm", channel, replica, count, warmUp);
          }
        } finally {
          channel.shutdownNow();
        }
      }
    }
  }

  private ChildProcess replica(Members source, String mode, int port) throws IOException {
    List<String> command = new ArrayList<>(List.of(lodestone.toString(), "replica"));
    command.addAll(List.of("--endpoints", String.join(",", source.endpoints())));
    command.addAll(List.of("--data-dir", folder.resolve("replica-" + mode).toString()));
    command.addAll(List.of("--listen-client-urls", "http://127.0.0.1:" + port, "--mode", mode));
    if (mode.equals("raft")) {
      String peer = "http://127.0.0.1:" + FreePorts.take(1).get(0);
      command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
    }
    return ChildProcess.start(command, Map.of(), folder.resolve("replica-" + mode + ".log"));
  }

  private static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .usePlaintext()
        .directExecutor()
        .build();
  }

  private static void awaitServing(ManagedChannel channel, ChildProcess replica)
      throws IOException, InterruptedException {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      channel.resetConnectBackoff();
      try (Arrivals probe = new Arrivals(channel)) {
        if (probe.isCreated(Duration.ofSeconds(1))) {
          return;
        }
      }
      if (!replica.isAlive() || System.nanoTime() > giveUpAt) {
        throw new IOException("the replica does not serve:\n" + replica.output());
      }
    }
  }

  private void measure(
      Members source,
      String what,
      ManagedChannel replica,
      ChildProcess process,
      int watchers,
      Duration before)
      throws IOException, InterruptedException {
    List<Arrivals> crowd = new ArrayList<>();
    try {
      for (int i = 1; i < watchers; i++) {
        crowd.add(new Arrivals(replica, Requests.key(i), Requests.key(i + 1)));
      }
      puts(source, before);
      measure(source, what, replica, process, watchers);
    } finally {
      crowd.forEach(Arrivals::close);
    }
  }

  private void measure(
      Members source, String what, ManagedChannel replica, ChildProcess process, int watchers)
      throws IOException, InterruptedException {
    Contender leader = source.leader();
    try (Arrivals first = new Arrivals(leader.connections(2).get(1));
        Arrivals control = new Arrivals(source.another(leader).connections(2).get(1));
        Arrivals second = new Arrivals(replica)) {
      if (!first.isCreated(PATIENCE)
          || !control.isCreated(PATIENCE)
          || !second.isCreated(PATIENCE)) {
        throw new IOException("a watch was not created");
      }
      long began = System.nanoTime();
      Duration busyBefore = Members.busy(process.pid());
      Duration sourceBusyBefore = source.busy();
      puts(source, window);
      double seconds = (System.nanoTime() - began) / 1e9;
      Duration busy = Members.busy(process.pid()).minus(busyBefore);
      Duration sourceBusy = source.busy().minus(sourceBusyBefore);
      TimeUnit.SECONDS.sleep(2);
      Histogram lag = second.behind(first);
      out.printf(
          Locale.ROOT,
          "| %s, %,d | %,.0f | %s | %s | %.2f, %.2f | %d |%n",
          what,
          watchers,
          lag.getTotalCount() / seconds,
          tell(lag),
          tell(control.behind(first)),
          busy.toMillis() / 1e3 / seconds,
          sourceBusy.toMillis() / 1e3 / seconds,
          watchersAt(source));
    }
  }

  private void puts(Members source, Duration howLong) throws InterruptedException {
    ManagedChannel writer = source.leader().connections(1).get(0);
    new PacedPuts(writer, Call.PUT, requests.puts()).run(pace, howLong);
  }

  private static String tell(Histogram lag) {
    return String.format(
        Locale.ROOT,
        "%.1f, %.1f, %.1f",
        lag.getValueAtPercentile(50) / 1e6,
        lag.getValueAtPercentile(99) / 1e6,
        lag.getMaxValue() / 1e6);
  }

  /** All of them, our two for measuring among them. */
  private long watchersAt(Members source) throws IOException, InterruptedException {
    long watchers = 0;
    for (String endpoint : source.endpoints()) {
      URI page = URI.create("http://" + endpoint + "/metrics");
      watchers +=
          http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
              .body()
              .lines()
              .filter(line -> line.startsWith(WATCHER_COUNT))
              .mapToLong(line -> (long) Double.parseDouble(line.substring(WATCHER_COUNT.length())))
              .sum();
    }
    return watchers;
  }
}
