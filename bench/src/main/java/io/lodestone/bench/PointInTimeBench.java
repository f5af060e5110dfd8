package io.lodestone.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Restores a large base and a day of changes behind it, before and after that day was compacted,
 * and looks one key up; each by a process of its own.
 *
 * <p>Arguments: the folder to work in, whose repository is taken as it is where there is one, the
 * base's size in MiB, the number of changes, and of the entries that hold them. Exit code 0 when
 * every process kept to its memory.
 */
public final class PointInTimeBench {
  private static final int VALUE_BYTES = 1024;
  private static final long RESTORE_PROMISE = 512L << 20;
  private static final long AGENT_PROMISE = 256L << 20;
  private static final String PEER_URL = "http://127.0.0.1:12380";

  private final String lodestone;
  private final Path folder;
  private final String repository;
  private final PrintStream out;
  private boolean held = true;

  private PointInTimeBench(Path home, Path folder, PrintStream out) {
    this.lodestone = home.resolve("lodestone").toString();
    this.folder = folder;
    this.repository = "file:" + folder.resolve("repository");
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(System.getProperty("lodestone.home", ".")).toAbsolutePath().normalize();
    Path folder =
        Files.createDirectories(
            Path.of(arguments.length > 0 ? arguments[0] : "bench/target/point-in-time"));
    int mebibytes = number(arguments, 1, 2048);
    int events = number(arguments, 2, 10_000_000);
    int entries = number(arguments, 3, 8_640);
    PointInTimeBench bench =
        new PointInTimeBench(home, folder.toAbsolutePath().normalize(), System.out);
    bench.run(mebibytes * (1024 / (VALUE_BYTES / 1024)), events, entries);
    System.exit(bench.held ? 0 : 1);
  }

  private static int number(String[] arguments, int place, int otherwise) {
    return arguments.length > place ? Integer.parseInt(arguments[place]) : otherwise;
  }

  private void run(int keys, int events, int entries) throws IOException, InterruptedException {
    if (Files.notExists(folder.resolve("repository"))) {
      new LongTail(keys, VALUE_BYTES, events, entries).writeTo(repository);
    }
    out.printf(Locale.ROOT, "%d keys, %d events in %d entries%n", keys, events, entries);
    out.println("| what | seconds | events/s | peak memory |");
    out.println("|---|---|---|---|");
    restore("base alone", 0, "--to-revision", Long.toString(keys + 1L));
    restore("base and tail", events);
    measure("compact the tail", events, AGENT_PROMISE, "backup", "compact");
    restore("base and tail, compacted", events);
    measure(
        "get one key", 0, AGENT_PROMISE, "backup", "get", LongTail.key(keys / 2).toStringUtf8());
  }

  private void restore(String what, int events, String... more)
      throws IOException, InterruptedException {
    Path target = folder.resolve("restored");
    measure(
        "restore: " + what,
        events,
        RESTORE_PROMISE,
        Stream.concat(
                Stream.of(
                    "restore",
                    "--name",
                    "m1",
                    "--initial-cluster",
                    "m1=" + PEER_URL,
                    "--data-dir",
                    target.toString()),
                Stream.of(more))
            .toArray(String[]::new));
    try (Stream<Path> paths = Files.walk(target)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private void measure(String what, int events, long promise, String... command)
      throws IOException, InterruptedException {
    String[] whole =
        Stream.of(Stream.of(lodestone), Stream.of(command), Stream.of("--repository", repository))
            .flatMap(part -> part)
            .toArray(String[]::new);
    Run run = Run.of(folder, whole);
    held &= run.peakBytes() <= promise;
    out.printf(
        Locale.ROOT,
        "| %s | %.1f | %s | %.0f MiB |%n",
        what,
        run.seconds(),
        events == 0 ? "" : String.format(Locale.ROOT, "%.0f", events / run.seconds()),
        run.peakBytes() / 1048576.0);
  }
}
