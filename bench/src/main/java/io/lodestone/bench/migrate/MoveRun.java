package io.lodestone.bench.migrate;

import io.lodestone.migrate.MigrationDirectory;
import io.lodestone.migrate.MigrationReport;
import io.lodestone.migrate.MigrationStatus;
import io.lodestone.migrate.journal.JournalEntry;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.Commands;
import io.lodestone.peers.EtcdCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One migration by {@code lodestone migrate run}, a process of its own, from a cluster of stock
 * etcd. Closing ends the process, and the destination where it was started.
 */
final class MoveRun implements AutoCloseable {
  static final String QUOTA = "--quota-backend-bytes=8589934592";

  private static final Duration PATIENCE = Duration.ofMinutes(15);
  private static final String HEAP = "lodestone_migrate_heap_bytes ";

  private final Path lodestone;
  private final Path folder;
  private final Newcomer newcomer;
  private final Path settings;
  private final int metricsPort;
  private final MigrationDirectory directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private Optional<ChildProcess> process = Optional.empty();
  private int entriesBefore;
  private Optional<CompletableFuture<Newcomer.Started>> destination = Optional.empty();

  MoveRun(Path lodestone, Path folder, EtcdCluster source, Newcomer newcomer, int metricsPort)
      throws IOException {
    this(lodestone, folder, source, newcomer, metricsPort, List.of());
  }

  /**
   * @param folder where the migration keeps what it has to remember
   * @param further lines of its settings
   */
  MoveRun(
      Path lodestone,
      Path folder,
      EtcdCluster source,
      Newcomer newcomer,
      int metricsPort,
      List<String> further)
      throws IOException {
    this.lodestone = lodestone;
    this.folder = folder;
    this.newcomer = newcomer;
    this.metricsPort = metricsPort;
    this.directory = new MigrationDirectory(folder.resolve("migration"));
    Files.createDirectories(folder);
    List<String> lines =
        new ArrayList<>(
            List.of(
                "endpoints: " + source.endpoints(),
                "to-endpoints: " + newcomer.endpoints(),
                "dir: " + folder.resolve("migration"),
                "listen: 127.0.0.1:" + metricsPort,
                "lease-grace: 1ms",
                "cutover-command: touch " + moved()));
    lines.addAll(newcomer.settings());
    lines.addAll(further);
    this.settings = Files.write(folder.resolve("migration.yaml"), lines);
  }

  /** Is there as soon as clients may write to the destination. */
  Path moved() {
    return folder.resolve("moved");
  }

  /** Begins, or goes on; the destination is started as soon as its data are there. */
  void start() throws IOException {
    entriesBefore = entries().size();
    process =
        Optional.of(
            ChildProcess.start(
                List.of(lodestone.toString(), "migrate", "run", "--config", settings.toString()),
                Map.of(),
                folder.resolve("run.log")));
    if (destination.isEmpty()) {
      destination = Optional.of(CompletableFuture.supplyAsync(this::startNewcomer));
    }
  }

  private Newcomer.Started startNewcomer() {
    try {
      await(() -> newcomer.targets().stream().allMatch(Files::exists));
      return newcomer.start();
    } catch (IOException | InterruptedException e) {
      throw new CompletionException(e);
    }
  }

  /** Waits until this start of it has come to {@code phase}. */
  void awaitPhase(Phase phase) throws IOException, InterruptedException {
    await(
        () ->
            entries().stream()
                .skip(entriesBefore)
                .filter(entry -> entry.event() == Event.ENTERED)
                .anyMatch(
                    entry -> Phase.valueOf(entry.facts().get("phase")).compareTo(phase) >= 0));
  }

  /** Waits until the destination is not far behind. */
  void awaitClose() throws IOException, InterruptedException {
    awaitPhase(Phase.STEADY);
    await(() -> status().filter(now -> now.lagRevisions() <= 50).isPresent());
  }

  private void await(BooleanSupplier condition) throws IOException, InterruptedException {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (!process.orElseThrow().isAlive() || System.nanoTime() > giveUpAt) {
        throw new IOException("the migration got stuck:\n" + process.orElseThrow().output());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Returns when the clients may write to the destination and the run has ended. */
  void cutOver() throws IOException, InterruptedException {
    String unused =
        Commands.run(
            List.of(lodestone.toString(), "migrate", "cutover", "--config", settings.toString()));
  }

  List<JournalEntry> entries() {
    try {
      return directory.entriesIfBegun();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  MigrationReport report() {
    return MigrationReport.of(entries());
  }

  /** How long a phase took; until the clients could go, where it is the cutover. */
  long millis(Phase phase) {
    if (phase != Phase.CUTOVER) {
      return report().phases().stream()
          .filter(time -> time.phase() == phase)
          .mapToLong(MigrationReport.PhaseTime::millis)
          .sum();
    }
    JournalEntry opened =
        entries().stream().filter(e -> e.event() == Event.OPENED).findFirst().orElseThrow();
    return report().phases().stream()
        .filter(time -> time.phase() == phase)
        .mapToLong(time -> Duration.between(time.begun(), opened.at()).toMillis())
        .findFirst()
        .orElseThrow();
  }

  /** From the first entry of the journal to the open destination. */
  Duration total() {
    List<JournalEntry> entries = entries();
    JournalEntry opened =
        entries.stream().filter(e -> e.event() == Event.OPENED).findFirst().orElseThrow();
    return Duration.between(entries.get(0).at(), opened.at());
  }

  Optional<MigrationStatus> status() {
    try {
      return directory.status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long spoolBytes() throws IOException {
    return directory.spoolBytes();
  }

  /** The heap that the process uses now. */
  long heapBytes() throws IOException, InterruptedException {
    URI page = URI.create("http://127.0.0.1:" + metricsPort + "/metrics");
    return http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(HEAP))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(HEAP.length())))
        .findFirst()
        .orElseThrow();
  }

  long pid() {
    return process.orElseThrow().pid();
  }

  /** Ends the process; {@link #start} goes on where it was. */
  void stop() {
    process.ifPresent(ChildProcess::close);
    process = Optional.empty();
  }

  @Override
  public void close() {
    stop();
    destination.ifPresent(started -> started.join().close());
  }
}
