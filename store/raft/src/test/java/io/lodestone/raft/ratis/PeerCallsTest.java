package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.raft.Peer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.io.grpc.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerCallsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;

  /** As a round of reads that begins where the one before it has just been answered. */
  @Test
  void aCallGoesOnWhereTheOneThatLedToItIsOver() throws Exception {
    Peer peer = TestCluster.voters(1).get(0);
    try (TestCluster cluster = TestCluster.of(0, directory);
        PeerCalls calls = new PeerCalls(Optional.empty(), PATIENCE)) {
      cluster.join(peer);
      Context.CancellableContext over = Context.ROOT.withCancellation();
      over.cancel(null);

      PeerMethods methods = PeerMethods.of(TestCluster.CLUSTER);
      CompletableFuture<byte[]> term =
          over.call(() -> calls.call(peer, methods.term(), PeerMethods.NOTHING, PATIENCE));

      assertThat(term.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).hasSize(Long.BYTES);
    }
  }
}
