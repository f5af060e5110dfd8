package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.StoreException;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process that migrates dies, in every phase, and another one goes on. */
@Tag("once")
final class KilledMigrationTest {
  private static final int PATIENCE_SECONDS = 90;

  /** Phases that only a migration of another kind comes to. */
  private static final Set<Phase> OTHERWISE = Set.of(Phase.LATE_SEED, Phase.REVERSE_SYNC);

  @TempDir Path folder;

  private Move move(String from, String to) throws Exception {
    return new Move(
        EtcdCluster.of(EtcdRelease.of(from), folder.resolve("source")).start(),
        EtcdRelease.of(to),
        1,
        folder);
  }

  @Test
  void killedAtTheBeginningOfEveryPhaseItGoesOn() throws Exception {
    try (Move move = move("3.4", "3.5");
        KeptLease lease = KeptLease.grant(move.source.channel(0), 30)) {
      Move.put(move.old, "first", "write");
      try (Acknowledged writer = Acknowledged.start(move.old)) {
        HaltingMigration.runUntil(move, folder, Phase.PREFLIGHT);
        HaltingMigration.runUntil(move, folder, Phase.WATCH_SOURCE);
        HaltingMigration.runUntil(move, folder, Phase.SEED);
        try (ChildProcess waiting =
            HaltingMigration.seeding(move, folder, HaltingMigration.NEVER)) {
          move.startDestination(); // as soon as its data are there, whoever made them is killed
          waiting.kill();
        }
        for (Phase phase : Phase.values()) {
          if (phase.compareTo(Phase.CATCH_UP) >= 0 && !OTHERWISE.contains(phase)) {
            HaltingMigration.runUntil(move, folder, phase);
          }
        }
        writer.stop();
        try (ChildProcess last = HaltingMigration.seeding(move, folder, HaltingMigration.NEVER)) {
          assertThat(last.waitFor(PATIENCE_SECONDS))
              .as(() -> HaltingMigration.output(last))
              .isZero();
        }
        assertThat(writer.writes()).isPositive();
        writer.assertAllAt(move.fresh());
      }
      assertThat(move.fresh().revision()).isEqualTo(move.old.revision());
      move.assertEqualAtEveryRevision();
      assertThat(move.fresh().leases()).contains(lease.id());
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.DONE));
    }
  }

  @Test
  void killedBehindTheFenceItsAbortReopensTheSource() throws Exception {
    try (Move move = move("3.5", "3.4")) {
      Move.put(move.old, "first", "write");
      try (ChildProcess running = HaltingMigration.seeding(move, folder, Phase.ALIGN.name())) {
        move.startDestination();
        assertThat(running.waitFor(PATIENCE_SECONDS)).isEqualTo(HaltingMigration.HALTED);
      }
      assertThatThrownBy(() -> Move.put(move.old, "a", "b")).isInstanceOf(StoreException.class);
      try (EtcdCluster other =
          EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("other")).token("other").start()) {
        MigrationOptions elsewhere =
            Move.options(
                other.endpoints(),
                move.plan().endpoints(),
                move.directory,
                Optional.of(move.seed()),
                true);
        assertThatThrownBy(() -> new Migration(elsewhere, MigrationListener.SILENT).abort())
            .hasMessageContaining("the endpoints are of cluster");
      }
      move.migration(false).abort();
      move.assertSourceTakesWrites();
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.ABORTED));
    }
  }

  @Test
  void killedInTheCutoverItCanOnlyGoForwardOrBeRolledBack() throws Exception {
    try (Move move = move("3.5", "3.5")) {
      Move.put(move.old, "first", "write");
      try (ChildProcess running = HaltingMigration.seeding(move, folder, Phase.CUTOVER.name())) {
        move.startDestination();
        assertThat(running.waitFor(PATIENCE_SECONDS)).isEqualTo(HaltingMigration.HALTED);
      }
      assertThatThrownBy(() -> move.migration(false).abort())
          .hasMessageContaining("the cutover has begun");
      move.migration(false).run();
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.DONE));
      move.migration(false).rollback();
      move.assertSourceTakesWrites();
    }
  }
}
