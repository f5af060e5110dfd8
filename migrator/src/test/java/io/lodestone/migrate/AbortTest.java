package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.migrate.journal.Outcome;
import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A migration that is given up in any phase before the cutover leaves its source as it was. */
final class AbortTest {
  @TempDir Path folder;

  /** All of them with the property, else those that differ in what there is to be undone. */
  static Stream<Phase> phases() {
    List<Phase> some = List.of(Phase.SEED, Phase.STEADY, Phase.FENCE, Phase.CONSISTENCY_CHECK);
    return Stream.of(Phase.values())
        .filter(phase -> phase.compareTo(Phase.CUTOVER) < 0 && phase != Phase.LATE_SEED)
        .filter(phase -> Boolean.getBoolean("lodestone.migrate.allPairs") || some.contains(phase));
  }

  @ParameterizedTest
  @MethodSource("phases")
  void theSourceTakesWritesAgain(Phase phase) throws Exception {
    try (Move move =
        new Move(
            EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")).start(),
            EtcdRelease.of("3.5"),
            1,
            folder)) {
      Move.put(move.old, "a", "1");
      move.onPhase(entered -> askAtThe(phase, entered, move));
      CompletableFuture<Void> run = move.start(move.migration(true));
      if (phase.compareTo(Phase.SEED) > 0) {
        move.startDestination();
      }
      assertThat(Move.failure(run)).isInstanceOf(AbortedException.class);
      move.assertSourceTakesWrites();
      assertThat(move.report().standing().outcome()).isEqualTo(Optional.of(Outcome.ABORTED));
    }
  }

  private static void askAtThe(Phase phase, Phase entered, Move move) {
    if (phase == entered) {
      try {
        new MigrationDirectory(move.directory).ask(Request.ABORT);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
