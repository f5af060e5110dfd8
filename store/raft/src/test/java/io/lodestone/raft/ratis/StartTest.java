package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
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
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

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

  /**
   * Raft asks for a majority that has what was acknowledged: one of the two that are left has it.
   */
  @Test
  void aMemberThatTheFirstLeaderNeverReachedHelpsToElectTheNext() throws Exception {
    List<Peer> peers = TestCluster.voters(3);
    try (TestCluster cluster = TestCluster.of(0, directory)) {
      cluster.start(peers.get(0), Start.NEW, peers);
      cluster.start(peers.get(1), Start.NEW, peers);
      Member first = cluster.leader();
      assertThat(first.put("a", "1")).isEmpty();
      cluster.stop(first.peer.id());
      cluster.start(peers.get(2), Start.NEW, peers);
      assertThat(cluster.leader().peer).isNotIn(first.peer, peers.get(2));
      assertThat(cluster.member(3).put("a", "2")).isEqualTo("1");
      cluster.assertSame();
    }
  }

  /** Before the position is written, that is, which comes last. */
  @Test
  void aFirstStartThatCameToNoEndIsRepeatedAndALogWithoutPositionIsKept() throws Exception {
    List<Peer> peers = TestCluster.voters(1);
    Path raft = directory.resolve("1/raft");
    UUID cluster = new UUID(TestCluster.CLUSTER, TestCluster.CLUSTER);
    Path log = Files.createDirectories(raft).resolve(cluster.toString());
    InitialLog.write(log, List.of(Peers.ratisPeer(peers.get(0))));
    Files.write(log.resolve("current/log_inprogress_0"), new byte[] {1, 2, 3});
    try (TestCluster members = TestCluster.of(0, directory)) {
      Member member = members.start(peers.get(0), Start.NEW, peers);
      assertThat(member.put("a", "1")).isEmpty();
      members.stop(1);
      assertThat(members.start(peers.get(0), Start.NEW, peers).read("a")).isEqualTo("1");
      members.stop(1);
      Files.move(raft.resolve("position"), raft.resolve("aside"));
      assertThatThrownBy(() -> members.start(peers.get(0), Start.NEW, peers))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("has a log");
      Files.move(raft.resolve("aside"), raft.resolve("position"));
      assertThat(members.start(peers.get(0), Start.NEW, peers).read("a")).isEqualTo("1");
    }
  }

  /** An operator's mistake: the directory is put back as it was, while the others go on. */
  @Test
  void aMemberThatComesBackWithAnOldDirectoryIsToldOf() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(PromptAppender.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    logger.addAppender(logged);
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      assertThat(cluster.leader().put("a", "1")).isEmpty();
      cluster.assertSame();
      Peer late = cluster.follower().peer;
      List<Peer> peers = cluster.members().stream().map(member -> member.peer).toList();
      Path home = directory.resolve(Long.toString(late.id()));
      cluster.stop(late.id());
      Path old = directory.resolve("old");
      copyTree(home, old);
      cluster.start(late, Start.NEW, peers);
      assertThat(cluster.leader().put("a", "2")).isEqualTo("1");
      cluster.assertSame();
      cluster.stop(late.id());
      Directories.delete(home);
      copyTree(old, home);
      cluster.start(late, Start.NEW, peers);
      await().atMost(PATIENCE).until(() -> logged.list.stream().anyMatch(StartTest::tellsOfLoss));
    } finally {
      logger.detachAppender(logged);
    }
  }

  private static boolean tellsOfLoss(ILoggingEvent event) {
    return event.getLevel() == Level.ERROR && event.getMessage().contains("has lost entries");
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
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
