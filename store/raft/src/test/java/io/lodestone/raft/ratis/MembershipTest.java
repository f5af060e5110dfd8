package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.Peer;
import io.lodestone.raft.Progress;
import io.lodestone.raft.RaftConfig.Start;
import io.lodestone.raft.ratis.TestCluster.Member;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MembershipTest {
  @TempDir Path directory;

  @Test
  void aLearnerJoinsIsPromotedAndLeadsAndTheOldLeaderIsRemoved() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      Member old = cluster.leader();
      old.put("a", "1");
      List<Peer> voters = old.consensus.peers();
      Peer learner = Peer.learner(4, "127.0.0.1", TestCluster.freePorts(1).get(0));
      Member fourth = cluster.join(learner);
      fourth.consensus.readBarrier().exceptionally(none -> null);
      cluster.follower();
      old.change(with(voters, learner));
      assertThat(fourth.read("a")).isEqualTo("1");
      assertThat(fourth.put("a", "2")).isEqualTo("1");
      assertThat(fourth.consensus.peers()).contains(learner);

      Peer promoted = Peer.voter(4, learner.host(), learner.port());
      fourth.change(with(voters, promoted));
      assertThat(fourth.put("a", "3")).isEqualTo("2");
      cluster.member(1).consensus.transferLeadership(4).join();
      await().atMost(TestCluster.PATIENCE).until(() -> fourth.consensus.leads());

      List<Peer> without =
          with(voters, promoted).stream().filter(peer -> peer.id() != old.peer.id()).toList();
      old.change(without);
      await().atMost(TestCluster.PATIENCE).until(() -> removed(old));
      cluster.stop(old.peer.id());
      assertThat(fourth.put("a", "4")).isEqualTo("3");
      cluster.assertSame();
    }
  }

  private static boolean removed(Member member) {
    return member.stopped.isDone()
        || member.configurations.stream()
            .anyMatch(peers -> peers.stream().noneMatch(peer -> peer.id() == member.peer.id()));
  }

  private static List<Peer> with(List<Peer> peers, Peer another) {
    List<Peer> more = new ArrayList<>(peers);
    more.removeIf(peer -> peer.id() == another.id());
    more.add(another);
    return more;
  }

  @Test
  void theLeaderRemovesItself() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      Member old = cluster.leader();
      old.put("a", "1");
      List<Peer> rest =
          old.consensus.peers().stream().filter(peer -> peer.id() != old.peer.id()).toList();
      old.change(rest);
      await().atMost(TestCluster.PATIENCE).until(() -> removed(old));
      cluster.stop(old.peer.id());
      assertThat(cluster.leader().put("a", "2")).isEqualTo("1");
      assertThat(cluster.follower().read("a")).isEqualTo("2");
      assertThat(cluster.leader().consensus.peers()).containsExactlyInAnyOrderElementsOf(rest);
    }
  }

  @Test
  void aVoterThatIsNotThereIsNotAddedAndHurtsNobody() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      Member leader = cluster.leader();
      List<Peer> peers = leader.consensus.peers();
      Peer absent = Peer.voter(9, "127.0.0.1", TestCluster.freePorts(1).get(0));
      assertThatThrownBy(() -> cluster.follower().consensus.change(with(peers, absent)).join())
          .cause()
          .extracting(failure -> ((ConsensusException) failure).reason())
          .isEqualTo(ConsensusException.Reason.NO_PROGRESS);
      assertThat(leader.put("a", "1")).isEmpty();
      leader.change(peers);
      assertThat(leader.consensus.peers()).containsExactlyInAnyOrderElementsOf(peers);
      assertThat(cluster.leader().consensus.progress())
          .extracting(Progress::id)
          .hasSize(2)
          .doesNotContain(9L, cluster.leader().peer.id());
    }
  }

  @Test
  void aLearnerFollowsOnWhenAnotherMemberCannotBeAdded() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      Member leader = cluster.leader();
      Peer learner = Peer.learner(4, "127.0.0.1", TestCluster.freePorts(1).get(0));
      Member fourth = cluster.join(learner);
      leader.change(with(leader.consensus.peers(), learner));
      List<Peer> peers = leader.consensus.peers();
      Peer absent = Peer.voter(9, "127.0.0.1", TestCluster.freePorts(1).get(0));
      assertThatThrownBy(() -> leader.consensus.change(with(peers, absent)).join())
          .cause()
          .extracting(failure -> ((ConsensusException) failure).reason())
          .isEqualTo(ConsensusException.Reason.NO_PROGRESS);
      assertThat(leader.put("a", "1")).isEmpty();
      assertThat(fourth.read("a")).isEqualTo("1");
    }
  }

  @Test
  void oneGrowsToThreeAndTheOthersFindAMemberThatMovedOnceTheyRestart() throws Exception {
    try (TestCluster cluster = TestCluster.of(1, directory)) {
      Member first = cluster.leader();
      first.put("a", "1");
      List<Peer> peers = new ArrayList<>(List.of(first.peer));
      for (int id = 2; id <= 3; id++) {
        Peer next = Peer.voter(id, "127.0.0.1", TestCluster.freePorts(1).get(0));
        cluster.join(next);
        peers.add(next);
        first.change(peers);
      }
      assertThat(cluster.member(3).put("a", "2")).isEqualTo("1");
      cluster.assertSame();

      cluster.stop(3);
      Peer moved = Peer.voter(3, "127.0.0.1", TestCluster.freePorts(1).get(0));
      cluster.start(moved, Start.NEW, List.of(first.peer, moved));
      List<Peer> current = with(peers, moved);
      first.change(current);
      for (Peer other : List.of(first.peer, cluster.member(2).peer)) {
        cluster.stop(other.id());
        cluster.start(other, Start.NEW, current);
        cluster.leader();
      }
      assertThat(cluster.member(3).read("a")).isEqualTo("2");
      assertThat(cluster.member(3).put("a", "3")).isEqualTo("2");
      cluster.assertSame();
    }
  }
}
