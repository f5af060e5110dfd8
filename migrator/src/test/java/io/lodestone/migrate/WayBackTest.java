package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.api.StoreException;
import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.peers.Workload;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Moves that are taken back after clients have written to the destination. */
@Tag("once")
final class WayBackTest {
  @TempDir Path folder;

  private Move move(String from, String to) throws Exception {
    return new Move(
            EtcdCluster.of(EtcdRelease.of(from), folder.resolve("source")).start(),
            EtcdRelease.of(to),
            1,
            folder)
        .keepingTheWayBack();
  }

  @ParameterizedTest
  @CsvSource({"3.4,3.5,ALARM", "3.5,3.4,NONE"})
  void theSourceGetsEveryWriteOfTheDestination(String from, String to, FenceKind fence)
      throws Exception {
    try (Move move = move(from, to).fencedBy(fence)) {
      Move.put(move.old, "a", "1");
      try (KeptLease leased = KeptLease.grant(move.source.channel(0), 5)) {
        CompletableFuture<Void> run = move.start(move.migration(true));
        EtcdCluster destination = move.startDestination();
        move.awaitPhase(run, Phase.REVERSE_SYNC);
        try (KeptLease moved = KeptLease.of(destination.channel(0), leased.id());
            KeptLease later = KeptLease.grant(destination.channel(0), 6)) {
          try (Workload workload = Workload.start(31, 20, false, List.of(destination.channel(0)))) {
            await().atMost(Move.PATIENCE).until(() -> workload.writes() > 300);
          }
          leased.stop(); // its client has moved: only the migration keeps it at the source
          Move.put(move.fresh(), "a", "2");
          move.migration(false).rollback();
          run.join();
          assertThat(move.old.leases()).contains(moved.id(), later.id());
        }
      }
      long last = move.fresh().revision();
      assertThat(Move.get(move.old, "a")).isEqualTo("2");
      assertThat(Move.put(move.old, "a", "3")).isGreaterThan(last);
      assertThat(AlarmFence.alarms(move.old)).isEmpty();
      assertThatThrownBy(() -> Move.put(move.fresh(), "a", "4")).isInstanceOf(StoreException.class);
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.ROLLED_BACK));
    }
  }

  @Test
  void aForeignWriteOnTheSourceClosesTheWayBackAndTheDestinationStaysOpen() throws Exception {
    try (Move move = move("3.5", "3.5")) {
      Move.put(move.old, "a", "1");
      CompletableFuture<Void> run = move.start(move.migration(true));
      move.startDestination();
      move.awaitPhase(run, Phase.REVERSE_SYNC);
      new AlarmFence(move.old).lower();
      Move.put(move.old, "stray", "write");
      Move.put(move.fresh(), "a", "2");
      assertThatThrownBy(() -> move.migration(false).rollback())
          .hasMessageContaining("somebody else wrote");
      assertThat(Move.failure(run)).hasMessageContaining("somebody else wrote");
      Move.put(move.fresh(), "a", "3");
      assertThatThrownBy(() -> Move.put(move.old, "a", "4")).isInstanceOf(StoreException.class);
    }
  }

  @Test
  void aWayBackThatIsNotNeededIsGivenUp() throws Exception {
    try (Move move = move("3.5", "3.5")) {
      Move.put(move.old, "a", "1");
      CompletableFuture<Void> run = move.start(move.migration(false));
      move.startDestination();
      move.awaitPhase(run, Phase.STEADY);
      move.migration(false).cutOver();
      assertThat(run).isNotDone();
      Move.put(move.fresh(), "a", "2");
      move.migration(false).finish();
      run.join();
      assertThatThrownBy(() -> Move.put(move.old, "a", "4")).isInstanceOf(StoreException.class);
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.DONE));
      assertThatThrownBy(() -> move.migration(false).finish())
          .hasMessageContaining("no process keeps a way back");
    }
  }
}
