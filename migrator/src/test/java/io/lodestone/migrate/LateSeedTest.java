package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.api.LodestoneException;
import io.lodestone.migrate.MigrationOptions.Hooks;
import io.lodestone.migrate.journal.JournalEntry;
import io.lodestone.migrate.journal.JournalEntry.Event;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.migrate.journal.Standing;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.NetworkLink;
import io.lodestone.peers.Watched;
import io.lodestone.peers.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Moves whose destination is written once the source stands still. */
@Tag("once")
final class LateSeedTest {
  @TempDir Path folder;

  private Move move(String from, String to, int members) throws Exception {
    EtcdCluster source =
        EtcdCluster.of(EtcdRelease.of(from), folder.resolve("source")).members(members).start();
    return new Move(source, EtcdRelease.of(to), members, folder);
  }

  @ParameterizedTest
  @CsvSource({"3.4, 3.5, 3", "3.5, 3.4, 1"})
  void theDestinationBeginsWithTheSourcesLastRevision(String from, String to, int members)
      throws Exception {
    try (Move move = move(from, to, members).seededLate();
        KeptLease lease = KeptLease.grant(move.source.channel(0), 5);
        Watched before = Watched.from(move.source.channel(0), 2)) {
      CompletableFuture<Void> run = move.start(move.migration(false));
      try (Acknowledged writer = Acknowledged.start(move.old);
          Workload workload =
              Workload.start(29, 5, false, List.of(move.source.channel(members - 1)))) {
        move.awaitPhase(run, Phase.STEADY);
        long target = workload.writes() + 300;
        await().atMost(Move.PATIENCE).until(() -> workload.writes() >= target);
        move.old.compact(move.old.revision() - 100);
        assertThat(move.seed().targets()).noneMatch(Files::exists);
        CompletableFuture<Void> asked = askForCutover(move);
        move.startDestination();
        asked.join();
        run.join();
        writer.stop();
        writer.assertAllAt(move.fresh());
      }
      long last = move.report().standing().finalRevision().orElseThrow();
      await().atMost(Move.PATIENCE).until(() -> before.lastRevision() == last);
      move.assertEqualAtEveryRevision();
      assertThat(move.fresh().leases()).contains(lease.id()).isEqualTo(move.old.leases());
      assertThat(Move.put(move.fresh(), "first", "there")).isEqualTo(last + 1);
      assertThat(move.report().phases()).anyMatch(time -> time.phase() == Phase.LATE_SEED);
      assertThat(move.report().proof()).isEqualTo(Optional.of("HASH_KV"));
    }
  }

  /** Etcd 3.5 counts such changes; on 3.4 the cutover is given up, and succeeds when repeated. */
  @ParameterizedTest
  @CsvSource({"3.5, 1", "3.4, 2"})
  void usersThatAreChangedJustBeforeTheFenceAreNotForgotten(String from, int attempts)
      throws Exception {
    try (Move move = move(from, "3.5", 1).seededLate()) {
      Move.put(move.old, "first", "write");
      CompletableFuture<Void> run = move.start(move.migration(false));
      move.awaitPhase(run, Phase.STEADY);
      move.source.etcdctl("user", "add", "ann:a");
      CompletableFuture<Void> asked = askForCutover(move);
      move.startDestination();
      if (attempts > 1) {
        assertThat(Move.failure(run)).hasMessageContaining("user ann differs");
        assertThat(Move.failure(asked)).hasMessageContaining("user ann differs");
        move.assertSourceTakesWrites();
        move.destination().close();
        run = startAnew(move);
        asked = run;
      }
      asked.join();
      run.join();
      assertThat(move.destination().etcdctl("user", "list")).contains("ann");
      move.assertEqualAtEveryRevision();
    }
  }

  /** Another attempt; when this returns, its destination is being started. */
  private static CompletableFuture<Void> startAnew(Move move) throws Exception {
    long before = seeds(move);
    CompletableFuture<Void> run = move.start(move.migration(true));
    await().atMost(Move.PATIENCE).until(() -> run.isDone() || seeds(move) > before);
    move.startDestination();
    return run;
  }

  private static long seeds(Move move) throws IOException {
    return new MigrationDirectory(move.directory)
        .entries().stream().filter(entry -> entry.event() == Event.SEEDED).count();
  }

  @Test
  void killedInAnyPhaseItGoesOnOrBeginsItsCopyAnew() throws Exception {
    try (Move move = move("3.5", "3.5", 1).seededLate()) {
      Move.put(move.old, "first", "write");
      for (Phase phase : Phase.values()) {
        if (phase.compareTo(Phase.LATE_SEED) <= 0) {
          HaltingMigration.runUntil(move, folder, phase);
        }
      }
      try (ChildProcess waiting = HaltingMigration.seeding(move, folder, HaltingMigration.NEVER)) {
        move.startDestination(); // as soon as its data are there, whoever made them is killed
        waiting.kill();
      }
      assertThat(AlarmFence.alarms(move.old)).as("the fence").isNotEmpty();
      HaltingMigration.runUntil(move, folder, Phase.ALIGN);
      HaltingMigration.runUntil(move, folder, Phase.CUTOVER);
      move.migration(false).run();
      move.assertEqualAtEveryRevision();
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.DONE));
    }
  }

  @Test
  void anAttemptThatFailsIsRepeatedOnFreshData() throws Exception {
    try (Move move = move("3.5", "3.5", 1).seededLate()) {
      Move.put(move.old, "first", "write");
      move.onPhase(LateSeedTest::failAtTheAlignment);
      CompletableFuture<Void> first = move.start(move.migration(true));
      move.startDestination();
      assertThat(Move.failure(first)).hasMessage("the first attempt");
      move.assertSourceTakesWrites();
      move.onPhase(phase -> {});
      assertThatThrownBy(() -> move.migration(true).run())
          .hasMessageContaining("still runs on data that have to be written anew");
      move.assertSourceTakesWrites();
      move.destination().close();
      startAnew(move).join();
      move.assertEqualAtEveryRevision();
    }
  }

  private static CompletableFuture<Void> askForCutover(Move move) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            move.migration(false).cutOver();
          } catch (IOException | InterruptedException e) {
            throw new CompletionException(e);
          }
        });
  }

  private static void failAtTheAlignment(Phase phase) {
    if (phase == Phase.ALIGN) {
      throw new LodestoneException("the first attempt", "none");
    }
  }

  @Test
  void aSourceThatIsTooFastIsSeededLate() throws Exception {
    Path stopping = folder.resolve("stopping");
    Path stopped = folder.resolve("stopped");
    String stop = "touch " + stopping + "; until [ -e " + stopped + " ]; do sleep 0.05; done";
    try (Move move =
        move("3.5", "3.5", 1)
            .linked()
            .with(
                new Hooks(
                    Optional.empty(),
                    Optional.of(stop),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()))) {
      CompletableFuture<Void> run = move.start(move.migration(false));
      move.startDestination();
      move.awaitPhase(run, Phase.STEADY);
      NetworkLink slow = move.linksToDestination().get(0);
      slow.slowDown(200);
      try (Workload workload =
          Workload.start(31, 10, false, Collections.nCopies(2, move.source.channel(0)))) {
        await().atMost(Move.PATIENCE).until(() -> Files.exists(stopping) || run.isDone());
        slow.slowDown(0);
        move.destination().close();
        Files.createFile(stopped);
        await()
            .atMost(Move.PATIENCE)
            .until(() -> run.isDone() || followsWithoutDestination(move.report().standing()));
        CompletableFuture<Void> asked = askForCutover(move);
        move.startDestination();
        asked.join();
        run.join();
        assertThat(workload.writes()).isPositive();
      }
      JournalEntry late =
          new MigrationDirectory(move.directory)
              .entries().stream()
                  .filter(entry -> entry.event() == Event.SEEDING_LATE)
                  .findFirst()
                  .orElseThrow();
      assertThat(rate(late, "writtenPerSecond")).isGreaterThan(rate(late, "replayedPerSecond"));
      move.assertEqualAtEveryRevision();
    }
  }

  private static boolean followsWithoutDestination(Standing standing) {
    return standing.phase().equals(Optional.of(Phase.STEADY)) && standing.seeded().isEmpty();
  }

  private static long rate(JournalEntry entry, String name) {
    return Long.parseLong(entry.facts().get(name));
  }
}
