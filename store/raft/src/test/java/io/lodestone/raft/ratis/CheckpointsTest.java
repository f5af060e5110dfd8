package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.raft.Peer;
import io.lodestone.raft.RaftConfig;
import io.lodestone.raft.RaftConfig.Start;
import io.lodestone.raft.RegisterFile;
import io.lodestone.raft.ratis.TestCluster.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("once")
class CheckpointsTest {
  @TempDir Path directory;

  @Test
  void aMemberFarBehindGetsACheckpointAndGoesOnFromThere() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory, 50, id -> Optional.empty())) {
      List<Peer> peers = cluster.leader().consensus.peers();
      Member behind = cluster.follower();
      behind.put("a", "before");
      cluster.stop(behind.peer.id());
      Member writer = cluster.leader();
      for (int i = 0; i < 400; i++) {
        writer.put("k" + i % 7, "value number " + i);
      }
      Member back = cluster.start(behind.peer, Start.NEW, peers);
      assertThat(back.read("k" + 399 % 7)).isEqualTo("value number 399");
      assertThat(back.state.installs()).isPositive();
      assertThat(back.put("a", "after")).isEqualTo("before");
      cluster.assertSame();
      assertThat(directory.resolve(back.peer.id() + "/raft/checkpoints")).isEmptyDirectory();
    }
  }

  /** The new leader has all entries that the member lacks, and so no reason to notify it. */
  @Test
  void aCheckpointIsTakenAlsoWhenTheLeaderChangesWhileItIsPutInPlace() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory, 50, id -> Optional.empty())) {
      List<Peer> peers = cluster.leader().consensus.peers();
      Peer keeping = cluster.follower().peer;
      cluster.stop(keeping.id());
      Member keeper = cluster.start(keeping, Start.NEW, peers, RaftConfig.DEFAULT_SNAPSHOT_COUNT);
      Member writer = cluster.leader();
      writer.put("a", "1");
      cluster.member(1).consensus.transferLeadership(other(peers, keeping).id()).join();
      writer = cluster.leader();
      Peer late = other(peers, keeping, writer.peer);
      cluster.stop(late.id());
      for (int i = 0; i < 400; i++) {
        writer.put("k" + i % 7, "value number " + i);
      }
      Member back = cluster.start(late, Start.NEW, peers);
      CountDownLatch began = new CountDownLatch(1);
      CountDownLatch released = new CountDownLatch(1);
      back.state.beforeInstall(
          () -> {
            began.countDown();
            awaitUninterruptibly(released);
          });
      assertThat(began.await(1, TimeUnit.MINUTES)).isTrue();
      writer.consensus.transferLeadership(keeping.id()).join();
      await().atMost(TestCluster.PATIENCE).until(keeper.consensus::leads);
      released.countDown();
      assertThat(keeper.put("a", "2")).isEqualTo("1");
      await()
          .atMost(TestCluster.PATIENCE)
          .ignoreException(CompletionException.class)
          .until(() -> back.read("a").equals("2"));
      assertThat(back.state.installs()).isPositive();
      cluster.assertSame();
    }
  }

  /** Until then Ratis answers every leader that one is on its way. */
  @Test
  void aCheckpointOfOneThatNoLongerLeadsIsGivenUp() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory, 50, id -> Optional.empty())) {
      List<Peer> peers = cluster.leader().consensus.peers();
      Member first = cluster.leader();
      Peer late = cluster.follower().peer;
      Peer second = other(peers, first.peer, late);
      cluster.stop(late.id());
      for (int i = 0; i < 400; i++) {
        first.put("k" + i % 7, "value number " + i);
      }
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch released = new CountDownLatch(1);
      first.state.beforeCheckpoint(
          () -> {
            asked.countDown();
            awaitUninterruptibly(released);
          });
      Member back = cluster.start(late, Start.NEW, peers);
      try {
        assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
        first.consensus.transferLeadership(second.id()).join();
        await().atMost(TestCluster.PATIENCE).until(cluster.member(second.id()).consensus::leads);
        assertThat(back.read("k" + 399 % 7)).isEqualTo("value number 399");
        assertThat(back.state.installs()).isPositive();
      } finally {
        released.countDown();
      }
      cluster.assertSame();
    }
  }

  private static Peer other(List<Peer> peers, Peer... than) {
    List<Peer> others = new ArrayList<>(peers);
    others.removeAll(List.of(than));
    return others.get(0);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void afterARestartOfAllEachCommandIsStillAppliedOnce() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory, 50, id -> Optional.empty())) {
      List<Peer> peers = cluster.leader().consensus.peers();
      Member writer = cluster.follower();
      for (int i = 0; i < 130; i++) {
        writer.put("k", "value " + i);
      }
      cluster.assertSame();
      String fingerprint = cluster.leader().state.fingerprint();
      peers.forEach(peer -> cluster.stop(peer.id()));
      for (Peer peer : peers) {
        cluster.start(peer, Start.NEW, peers);
      }
      cluster.leader();
      assertThat(cluster.follower().read("k")).isEqualTo("value 129");
      cluster.assertSame();
      assertThat(cluster.leader().state.fingerprint()).isEqualTo(fingerprint);
    }
  }

  @Test
  void aCheckpointDamagedOrCutOnItsWayIsNotTaken() throws Exception {
    Path source = Files.createDirectories(directory.resolve("source/inner"));
    Files.write(source.resolve("file"), new byte[3_000_000]);
    Files.createFile(directory.resolve("source/empty"));
    List<byte[]> messages = new ArrayList<>();
    Position position = new Position(3, 44, 555);
    new CheckpointWriter(messages::add).write(position, directory.resolve("source"));

    Path whole = directory.resolve("whole");
    assertThat(new CheckpointReader(whole).read(messages.iterator())).isEqualTo(position);
    assertThat(whole.resolve("inner/file")).hasSameBinaryContentAs(source.resolve("file"));
    assertThat(whole.resolve("empty")).isEmptyFile();

    Iterator<byte[]> cut = messages.subList(0, messages.size() - 1).iterator();
    assertThatThrownBy(() -> new CheckpointReader(directory.resolve("cut")).read(cut))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too soon");
    messages.get(4)[100]++;
    assertThatThrownBy(
            () -> new CheckpointReader(directory.resolve("damaged")).read(messages.iterator()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged on its way");
  }

  @Test
  void aClusterGrowsOutOfAStateThatHasCommandsAlready() throws Exception {
    RegisterFile grown = new RegisterFile(directory.resolve("1/state"));
    assertThat(grown.apply(1, 1, List.of(RegisterFile.command("a=old")))).containsExactly("");
    grown.sync();
    try (TestCluster cluster = TestCluster.of(1, directory)) {
      Member first = cluster.leader();
      assertThat(first.read("a")).isEqualTo("old");
      first.put("a", "newer");
      int port = TestCluster.freePorts(1).get(0);
      Member second = cluster.join(Peer.voter(2, "127.0.0.1", port));
      first.change(List.of(first.peer, second.peer));
      await().atMost(TestCluster.PATIENCE).until(() -> second.read("a").equals("newer"));
      assertThat(second.put("b", "1")).isEmpty();
      cluster.assertSame();
      assertThat(second.state.appliedIndex()).isEqualTo(3);
    }
  }
}
