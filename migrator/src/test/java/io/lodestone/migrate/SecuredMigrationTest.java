package io.lodestone.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.migrate.journal.Phase;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Moves between clusters that ask their clients for certificates. */
@Tag("once")
final class SecuredMigrationTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aMoveOverTlsWithCertificatesOnBothSides(boolean running) throws Exception {
    Secured secured = new Secured(folder.resolve("tls"));
    EtcdCluster source =
        secured.start(EtcdCluster.of(EtcdRelease.of("3.5"), folder.resolve("source")));
    try (Move move =
        new Move(source, EtcdRelease.of("3.5"), 1, folder, secured::reach, secured.flags())) {
      RandomWrites.until(move.old, 150);
      move.old.compact(move.old.revision() - 30);
      if (running) {
        move.intoRunning();
      }
      move.onPhase(phase -> assertMoved(move, phase));
      CompletableFuture<Void> run = move.start(move.migration(true));
      if (!running) {
        move.startDestination();
      }
      run.join();
      assertThat(move.report().proof()).isEqualTo(Optional.of("HASH_KV"));
    }
  }

  private static void assertMoved(Move move, Phase phase) {
    if (phase == Phase.CUTOVER) {
      move.assertEqualAtEveryRevision();
      long last = move.old.revision();
      assertThat(Move.put(move.fresh(), "first", "there")).isEqualTo(last + 1);
    }
  }
}
