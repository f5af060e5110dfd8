package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.Peer;
import io.lodestone.raft.RaftConfig.Start;
import io.lodestone.raft.RegisterFile;
import io.lodestone.raft.ratis.TestCluster.Member;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void aPortThatIsTakenIsAnErrorAndNotTheEndOfTheProcess() throws Exception {
    List<Peer> peers = TestCluster.voters(1);
    try (TestCluster cluster = TestCluster.of(0, directory);
        ServerSocket taken =
            new ServerSocket(peers.get(0).port(), 1, InetAddress.getLoopbackAddress())) {
      assertThat(taken.isBound()).isTrue();
      assertThatThrownBy(() -> cluster.start(peers.get(0), Start.NEW, peers))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(Integer.toString(peers.get(0).port()));
    }
  }

  @Test
  void aStateThatLostWhatTheLogNoLongerHasIsRefused() throws Exception {
    try (TestCluster cluster = TestCluster.of(1, directory, 50, id -> Optional.empty())) {
      Member member = cluster.leader();
      for (int i = 0; i < 200; i++) {
        member.put("a", "value " + i);
      }
      cluster.stop(1);
      Files.delete(directory.resolve("1/state/registers"));
      assertThatThrownBy(() -> cluster.start(member.peer, Start.NEW, List.of(member.peer)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the state has 0 commands");
    }
  }

  @Test
  void whoIsClosedSaysSo() throws Exception {
    try (TestCluster cluster = TestCluster.of(1, directory)) {
      Member member = cluster.leader();
      member.put("a", "1");
      member.close();
      assertStopped(() -> member.put("a", "2"));
      assertStopped(() -> member.read("a"));
      assertStopped(() -> member.consensus.change(List.of(member.peer)).join());
      assertThat(member.stopped).isNotDone();
    }
  }

  /** The command makes the log long enough to be shortened, by a timer that has stopped. */
  @Test
  void whoIsClosedWhileItAppliesComesToItsEnd() throws Exception {
    try (TestCluster cluster = TestCluster.of(1, directory, 1, id -> Optional.empty())) {
      Member member = cluster.leader();
      member.put("a", "1");
      Thread closing = new Thread(member::close, "closing");
      closing.setDaemon(true);
      CompletableFuture<Void> applied =
          member
              .consensus
              .propose(RegisterFile.command("a=2"))
              .thenRun(
                  () -> {
                    closing.start();
                    await().atMost(PATIENCE).until(() -> closesRatis(closing));
                  });
      applied.join();
      closing.join(PATIENCE.toMillis());
      assertThat(closing.isAlive()).isFalse();
    }
  }

  private static boolean closesRatis(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getClassName().endsWith(".RaftServerProxy"));
  }

  private static void assertStopped(Runnable call) {
    assertThatThrownBy(call::run)
        .cause()
        .extracting(failure -> ((ConsensusException) failure).reason())
        .isEqualTo(ConsensusException.Reason.STOPPED);
  }

  @Test
  void aStateThatFailsStopsItsMember() throws Exception {
    try (TestCluster cluster = TestCluster.of(1, directory)) {
      Member member = cluster.leader();
      assertStopped(() -> member.put("fail", "now"));
      assertThat(member.stopped.orTimeout(60, java.util.concurrent.TimeUnit.SECONDS).join())
          .get()
          .extracting(Throwable::getMessage)
          .isEqualTo("asked to fail");
    }
  }

  @Test
  void aPositionIsReadBackAndADamagedOneIsRefused() throws Exception {
    PositionFile file = new PositionFile(directory.resolve("position"));
    assertThat(file.read()).isEmpty();
    file.write(new Position(7, 88, 999));
    assertThat(file.read()).contains(new Position(7, 88, 999));
    byte[] bytes = Files.readAllBytes(directory.resolve("position"));
    bytes[20]++;
    Files.write(directory.resolve("position"), bytes);
    assertThatThrownBy(file::read).isInstanceOf(IOException.class).hasMessageContaining("damaged");
    bytes[7]++;
    Files.write(directory.resolve("position"), bytes);
    assertThatThrownBy(file::read).isInstanceOf(IOException.class).hasMessageContaining("newer");
  }
}
