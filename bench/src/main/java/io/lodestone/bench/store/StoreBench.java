package io.lodestone.bench.store;

import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Compares {@code lodestone store} with stock etcd 3.5: puts, reads, watches, ranges, and opening a
 * store of two million keys. Both run as processes of their own on the same disk, fsync on.
 *
 * <p>Arguments: the folder to work in, a divisor of keys and times (default 1), and which of {@code
 * puts}, {@code gets}, {@code ranges}, {@code watches}, {@code long}, {@code open} to measure
 * (default all). Exit code 0 when every promise held.
 */
public final class StoreBench {
  private static final int KEYS = 100_000;
  private static final int MANY_KEYS = 2_000_000;
  private static final int WATCHERS = 100;
  private static final int PACE = 100;
  private static final int RANGE = 10_000;
  private static final int LONG_VALUES = 10_000;
  private static final List<Integer> LONG_VALUE_KIB = List.of(1, 8);
  private static final int FILLERS = 32;
  private static final List<Integer> CLIENTS = List.of(1, 64, 1000);
  private static final Duration OPEN_PROMISE = Duration.ofSeconds(3);
  private static final long MEMORY_PROMISE = 512L << 20;

  private final int divisor;
  private final PrintStream out;
  private final Requests requests;
  private final Match match;
  private boolean held = true;

  private StoreBench(Match match, PrintStream out) {
    this.match = match;
    this.divisor = match.divisor();
    this.out = out;
    this.requests = new Requests(KEYS);
  }

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(System.getProperty("lodestone.home", ".")).toAbsolutePath().normalize();
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    int divisor = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
    List<String> wanted =
        arguments.length > 2
            ? List.of(arguments).subList(2, arguments.length)
            : List.of("puts", "gets", "ranges", "watches", "long", "open");
    Files.createDirectories(folder);
    List<String> ours = List.of(home.resolve("lodestone").toString(), "store");
    List<String> etcd = List.of(EtcdRelease.of("3.5").etcd().toString());
    boolean held;
    try (Contender us = new Contender("ours", ours, folder);
        Contender them = new Contender("etcd", etcd, folder)) {
      StoreBench bench = new StoreBench(new Match(us, them, divisor), System.out);
      bench.run(us, them, wanted);
      held = bench.held;
    }
    System.exit(held ? 0 : 1);
  }

  private void run(Contender us, Contender them, List<String> wanted)
      throws IOException, InterruptedException {
    us.start();
    them.start();
    out.println(Rivals.HEADER);
    fill(us, KEYS, Requests.VALUE_BYTES);
    fill(them, KEYS, Requests.VALUE_BYTES);
    if (wanted.contains("puts")) {
      for (int clients : CLIENTS) {
        report(match.play(clients + " clients: put", Call.PUT, clients, requests.puts()));
      }
    }
    if (wanted.contains("gets")) {
      for (int clients : CLIENTS) {
        report(
            match.play(
                clients + " clients: linearizable get", Call.GET, clients, requests.gets(false)));
        report(
            match.play(
                clients + " clients: serializable get", Call.GET, clients, requests.gets(true)));
      }
    }
    if (wanted.contains("ranges")) {
      report(
          match.play("1 client: range of " + RANGE + " keys", Call.GET, 1, requests.ranges(RANGE)));
    }
    if (wanted.contains("watches")) {
      watches(us, them);
    }
    if (wanted.contains("long")) {
      for (int kib : LONG_VALUE_KIB) {
        longValues(us, them, kib);
      }
    }
    if (wanted.contains("open")) {
      open(us, them);
    }
  }

  private void longValues(Contender us, Contender them, int kib)
      throws IOException, InterruptedException {
    Requests requests = new Requests(LONG_VALUES, kib << 10);
    for (Contender server : List.of(us, them)) {
      fill(server, LONG_VALUES, kib << 10);
    }
    String of = " of " + kib + " KiB";
    report(match.play("64 clients: put" + of, Call.PUT, 64, requests.puts()));
    report(match.play("64 clients: get" + of, Call.GET, 64, requests.gets(false)));
    report(match.play("1 client: range of 1000 keys" + of, Call.GET, 1, requests.ranges(1000)));
  }

  private void watches(Contender us, Contender them) throws InterruptedException {
    List<Rate> ours = new ArrayList<>();
    List<Rate> theirs = new ArrayList<>();
    List<Rate> oursPaced = new ArrayList<>();
    List<Rate> theirsPaced = new ArrayList<>();
    for (int round = 0; round < Match.ROUNDS; round++) {
      ours.add(watched(us, false));
      theirs.add(watched(them, false));
      oursPaced.add(watched(us, true));
      theirsPaced.add(watched(them, true));
    }
    report(new Rivals(WATCHERS + " watchers, 64 clients put: events", ours, theirs, 1));
    Rivals paced =
        new Rivals(
            WATCHERS + " watchers, " + PACE + " puts a second: events",
            oursPaced,
            theirsPaced,
            0.95);
    report(paced);
    held &= paced.tail() <= 1;
    out.printf(Locale.ROOT, "delivery p99, ours/etcd: %.2f%n", paced.tail());
  }

  private Rate watched(Contender server, boolean paced) throws InterruptedException {
    try (WatchLoad watchers = new WatchLoad(server.connections(Integer.MAX_VALUE), WATCHERS)) {
      if (paced) {
        PacedPuts puts =
            new PacedPuts(server.connections(1).get(0), Call.PUT, requests.stampedPuts());
        puts.run(PACE, match.warm());
        long start = System.nanoTime();
        watchers.count(true);
        puts.run(PACE, match.window());
        watchers.count(false);
        return rate(watchers.journeys(), start);
      }
      ClosedLoop load =
          new ClosedLoop(
              server.connections(Integer.MAX_VALUE), Call.PUT, 64, requests.stampedPuts());
      watchers.count(true);
      long start = System.nanoTime();
      load.run(match.warm(), match.window());
      watchers.count(false);
      return rate(watchers.journeys(), start);
    }
  }

  private static Rate rate(Histogram journeys, long start) {
    return Rate.of(journeys, Duration.ofNanos(System.nanoTime() - start));
  }

  /** Both hold two million keys; each is stopped and started again. */
  private void open(Contender us, Contender them) throws IOException, InterruptedException {
    for (Contender server : List.of(us, them)) {
      fill(server, MANY_KEYS / divisor, Requests.VALUE_BYTES);
      server.stop();
      Duration took = server.start();
      Rate read =
          new ClosedLoop(
                  server.connections(1), Call.GET, 1, new Requests(MANY_KEYS / divisor).gets(false))
              .run(Duration.ZERO, Duration.ofSeconds(1));
      long resident = resident(server.pid());
      out.printf(
          Locale.ROOT,
          "%s: open with %,d keys: %.2f s, %.0f MiB resident after a second of gets (%,.0f/s)%n",
          server.name(),
          MANY_KEYS / divisor,
          took.toMillis() / 1e3,
          resident / 1048576.0,
          read.perSecond());
      if (server == us) {
        held &= took.compareTo(OPEN_PROMISE) < 0 && resident < MEMORY_PROMISE;
      }
    }
  }

  private static long resident(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  /** Puts every key once. */
  private void fill(Contender server, int keys, int valueBytes) throws InterruptedException {
    new Fill(server.connections(Integer.MAX_VALUE), keys, valueBytes, FILLERS).run();
  }

  private void report(Rivals rivals) {
    out.println(rivals.row());
    held &= rivals.holds();
  }
}
