package io.lodestone.bench.store;

import io.grpc.ManagedChannel;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Compares three members of {@code lodestone store} with three of stock etcd 3.5: puts, reads, how
 * long nobody takes writes when the leader is killed, and how long a member that was down needs to
 * catch up. All run as processes of their own on one machine and disk, fsync on.
 *
 * <p>Arguments: the folder to work in, a divisor of keys and times (default 1), and which of {@code
 * puts}, {@code gets}, {@code failover}, {@code behind} to measure (default all); {@code warm}
 * among them has members do all they do for a while before, {@code steady} for minutes.
 */
public final class ClusterBench {
  private static final int MEMBERS = 3;
  private static final int KEYS = 10_000;
  private static final int KILLS = 5;
  private static final int BEHIND = 1_000_000;
  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Duration LONG_WARM_UP = Duration.ofSeconds(150);
  private static final int WRITERS = 256;
  private static final int STEADY_CLIENTS = 64;
  private static final List<Integer> MANY_CLIENTS = List.of(64, 1000);
  private static final List<Integer> CLIENTS = List.of(1, 64, 1000);

  private final int divisor;
  private final PrintStream out;
  private final Requests requests = new Requests(KEYS);

  private ClusterBench(int divisor, PrintStream out) {
    this.divisor = divisor;
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(System.getProperty("lodestone.home", ".")).toAbsolutePath().normalize();
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    int divisor = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
    List<String> wanted =
        arguments.length > 2
            ? List.of(arguments).subList(2, arguments.length)
            : List.of("puts", "gets", "failover", "behind");
    Files.createDirectories(folder);
    List<String> ours = List.of(home.resolve("lodestone").toString(), "store");
    List<String> etcd = List.of(EtcdRelease.of("3.5").etcd().toString());
    try (Members us = new Members("ours", ours, folder, MEMBERS);
        Members them = new Members("etcd", etcd, folder, MEMBERS)) {
      new ClusterBench(divisor, System.out).run(us, them, wanted);
    }
  }

  private void run(Members us, Members them, List<String> wanted)
      throws IOException, InterruptedException {
    for (Members cluster : List.of(us, them)) {
      cluster.start();
      new Fill(cluster.connections(Integer.MAX_VALUE), KEYS, Requests.VALUE_BYTES, 4).run();
      if (wanted.contains("steady")) {
        warm(cluster, STEADY_CLIENTS, LONG_WARM_UP);
      }
      if (wanted.contains("warm")) {
        for (int clients : CLIENTS) {
          warm(cluster, clients, WARM_UP);
        }
      }
    }
    out.println(Rivals.HEADER);
    Match match = new Match(us, them, divisor);
    if (wanted.contains("puts")) {
      for (int leader : List.of(1, 0)) {
        us.lead(leader);
        them.lead(leader);
        String what = "1 client of " + (leader == 0 ? "the leader" : "a follower") + ": put";
        out.println(match.play(what, Call.PUT, 1, requests.puts()).row());
      }
      for (int clients : MANY_CLIENTS) {
        out.println(
            match.play(clients + " clients: put", Call.PUT, clients, requests.puts()).row());
      }
    }
    if (wanted.contains("gets")) {
      for (int clients : CLIENTS) {
        String what = clients + " clients: linearizable get";
        out.println(match.play(what, Call.GET, clients, requests.gets(false)).row());
      }
    }
    if (wanted.contains("failover")) {
      failover(us);
      failover(them);
    }
    if (wanted.contains("behind")) {
      behind(us);
      behind(them);
    }
  }

  /** As a member is that has run for a while: its JVM has compiled what it does often. */
  private void warm(Members cluster, int clients, Duration whole) throws InterruptedException {
    List<ManagedChannel> connections = cluster.connections(clients);
    Duration time = whole.dividedBy(divisor);
    var puts = new ClosedLoop(connections, Call.PUT, clients, requests.puts());
    var gets = new ClosedLoop(connections, Call.GET, clients, requests.gets(false));
    out.printf(
        Locale.ROOT,
        "%s warms up, %d clients: %,.0f puts and %,.0f gets per second%n",
        cluster.name(),
        clients,
        puts.run(Duration.ZERO, time).perSecond(),
        gets.run(Duration.ZERO, time.dividedBy(2)).perSecond());
  }

  private void failover(Members cluster) throws IOException, InterruptedException {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < Math.max(1, KILLS / divisor); i++) {
      seconds.add(cluster.failover().toMillis() / 1e3);
    }
    seconds.sort(null);
    out.printf(
        Locale.ROOT,
        "%s: leader killed, first write acknowledged after %.2f s (%.2f to %.2f)%n",
        cluster.name(),
        seconds.get(seconds.size() / 2),
        seconds.get(0),
        seconds.get(seconds.size() - 1));
  }

  private void behind(Members cluster) throws IOException, InterruptedException {
    Contender late = cluster.another(cluster.leader());
    late.stop();
    int entries = BEHIND / divisor;
    new Puts(cluster.connectionsBut(late), Call.PUT, requests.puts(), entries, WRITERS).run();
    Duration took = cluster.catchUp(late);
    out.printf(
        Locale.ROOT,
        "%s: a member %,d puts behind has them %.2f s after its start%n",
        cluster.name(),
        entries,
        took.toMillis() / 1e3);
  }
}
