package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lodestone.client.UnavailableException;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Moves into clusters that run already, and over gaps, by forged revisions. */
@Tag("once")
final class ForgedMigrationTest {
  @TempDir Path folder;

  private Move move(String from, String to) throws Exception {
    return new Move(
        EtcdCluster.of(EtcdRelease.of(from), folder.resolve("source")).start(),
        EtcdRelease.of(to),
        1,
        folder);
  }

  @ParameterizedTest
  @CsvSource({"3.4,3.5", "3.5,3.4"})
  void everyRevisionAndLeaseMovesIntoARunningClusterWhileClientsWrite(String from, String to)
      throws Exception {
    try (Move move = move(from, to);
        KeptLease kept = KeptLease.grant(move.source.channel(0), 60)) {
      RandomWrites.until(move.old, 400);
      move.old.compact(move.old.revision() - 30);
      move.intoRunning();
      assertThat(move.migration(false).plan())
          .noneMatch(check -> check.verdict() == Check.Verdict.PROBLEM)
          .anyMatch(check -> check.detail().contains("transactions"));
      move.onPhase(phase -> assertMoved(move, phase, kept));
      CompletableFuture<Void> run = move.start(move.migration(false));
      try (Acknowledged writer = Acknowledged.start(move.old)) {
        move.awaitPhase(run, Phase.STEADY);
        long target = writer.writes() + 50;
        await().atMost(Move.PATIENCE).until(() -> writer.writes() >= target);
        move.migration(false).cutOver();
        run.join();
        writer.stop();
        writer.assertAllAt(move.fresh());
      }
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.DONE));
      assertThat(move.report().proof()).isEqualTo(Optional.of("HASH_KV"));
    }
  }

  private static void assertMoved(Move move, Phase phase, KeptLease kept) {
    if (phase == Phase.CUTOVER) {
      move.assertEqualAtEveryRevision();
      assertThat(move.fresh().leases()).isEqualTo(move.old.leases()).contains(kept.id());
      long last = move.old.revision();
      assertThat(Move.put(move.fresh(), "first", "there")).isEqualTo(last + 1);
    }
  }

  @Test
  void threeRunningMembersGetEveryRevision() throws Exception {
    EtcdCluster source = EtcdCluster.of(EtcdRelease.of("3.4"), folder.resolve("source")).start();
    try (Move move = new Move(source, EtcdRelease.of("3.5"), 3, folder);
        KeptLease kept = KeptLease.grant(source.channel(0), 60)) {
      RandomWrites.until(move.old, 300);
      move.old.compact(move.old.revision() - 30);
      move.intoRunning();
      move.onPhase(phase -> assertMoved(move, phase, kept));
      move.start(move.migration(true)).join();
      assertThat(move.report().proof()).isEqualTo(Optional.of("HASH_KV"));
    }
  }

  @Test
  void killedWhileItForgesItGoesOnWithWhatTheSourceIsThen() throws Exception {
    try (Move move = move("3.5", "3.5").intoRunning()) {
      for (int i = 0; i < 1200; i++) {
        Move.put(move.old, "k" + i % 300, "v" + i);
      }
      move.old.compact(1150);
      killAt(move, 200);
      Move.put(move.old, "k1", "between");
      killAt(move, 600);
      for (int i = 0; i < 300; i++) {
        Move.put(move.old, "k" + i % 70, "w" + i);
      }
      move.old.compact(1400);
      killAt(move, 1000);
      CompletableFuture<Void> run = move.start(move.migration(true));
      run.join();
      move.assertEqualAtEveryRevision();
      assertThat(move.fresh().revision()).isEqualTo(move.old.revision());
    }
  }

  /** Runs the migration in a process of its own until the destination is at {@code revision}. */
  private void killAt(Move move, long revision) throws IOException {
    try (ChildProcess process = process(move)) {
      await()
          .atMost(Move.PATIENCE)
          .ignoreExceptionsInstanceOf(UnavailableException.class)
          .until(() -> reached(move, revision));
      process.kill();
    }
    assertThat(move.report().standing().seeded()).isEmpty();
  }

  private static boolean reached(Move move, long revision) throws IOException {
    if (!move.destination().member(0).isAlive()) {
      throw new AssertionError("the destination ended: " + move.destination().member(0).log());
    }
    return move.fresh().revision() >= revision;
  }

  private ChildProcess process(Move move) throws IOException {
    return HaltingMigration.start(move, "", folder, folder, "NEVER");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aGapThatTheSourceHasCompactedIsForgedInPlace(boolean running) throws Exception {
    try (Move move = move("3.5", "3.4")) {
      if (running) {
        move.intoRunning();
      }
      RandomWrites.until(move.old, 50);
      Migration first = move.migration(false);
      CompletableFuture<Void> run = move.start(first);
      if (!running) {
        move.startDestination();
      }
      move.awaitPhase(run, Phase.STEADY);
      first.stop();
      assertThat(Move.failure(run)).isInstanceOf(StoppedException.class);
      long left = move.fresh().revision();
      RandomWrites.until(move.old, left + 600);
      move.old.compact(move.old.revision() - 20);
      CompletableFuture<Void> second = move.start(move.migration(true));
      second.join();
      assertThat(move.fresh().revision()).isEqualTo(move.old.revision()).isGreaterThan(left + 599);
      move.assertEqualAtEveryRevision();
      assertThat(move.fresh().leases()).isEqualTo(move.old.leases());
    }
  }

  @Test
  void aDestinationThatIsNotEmptyIsRefused() throws Exception {
    try (Move move = move("3.5", "3.5").intoRunning()) {
      Move.put(move.old, "a", "1");
      Move.put(move.fresh(), "b", "2");
      CompletableFuture<Void> run = move.start(move.migration(true));
      assertThat(Move.failure(run)).hasMessageContaining("it has 1 keys and 0 leases");
      assertThat(Move.get(move.fresh(), "b")).isEqualTo("2");
      move.assertSourceTakesWrites();
    }
  }
}
