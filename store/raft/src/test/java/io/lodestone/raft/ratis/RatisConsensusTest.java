package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.RegisterFile;
import io.lodestone.raft.ratis.TestCluster.Member;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("once")
class RatisConsensusTest {
  @TempDir Path directory;

  @Test
  void whatAnyMemberProposesIsAppliedOnAllAndAnsweredThere() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      int expected = 0;
      for (Member member : cluster.members()) {
        assertThat(member.put("a", "from " + member.peer.id()))
            .isEqualTo(expected == 0 ? "" : "from " + expected);
        expected++;
        for (Member reader : cluster.members()) {
          assertThat(reader.read("a")).isEqualTo("from " + member.peer.id());
        }
      }
      cluster.assertSame();
    }
  }

  @Test
  void thousandsAtOnceAreEachAppliedOnce() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.leader();
      List<CompletableFuture<String>> answers = new ArrayList<>();
      for (int i = 0; i < 3000; i++) {
        for (Member member : cluster.members()) {
          answers.add(member.consensus.propose(RegisterFile.command("k" + (i % 50) + "=" + i)));
        }
      }
      answers.forEach(CompletableFuture::join);
      cluster.assertSame();
      assertThat(cluster.leader().state.appliedIndex()).isEqualTo(9000);
    }
  }

  @Test
  void aLeaderThatGoesIsReplacedAndAMemberThatComesBackCatchesUp() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      Member first = cluster.leader();
      first.put("a", "1");
      cluster.stop(first.peer.id());
      assertThat(cluster.follower().put("a", "2")).isEqualTo("1");
      assertThat(cluster.leader().read("a")).isEqualTo("2");
      Member again =
          cluster.start(
              first.peer,
              io.lodestone.raft.RaftConfig.Start.NEW,
              cluster.leader().consensus.peers());
      assertThat(again.read("a")).isEqualTo("2");
      cluster.assertSame();
    }
  }

  @Test
  void withoutAMajorityNothingIsAgreedOnAndAfterwardsAllGoesOn() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      Member leader = cluster.leader();
      leader.put("a", "1");
      List<io.lodestone.raft.Peer> peers = leader.consensus.peers();
      List<Member> others = cluster.members().stream().filter(member -> member != leader).toList();
      others.forEach(member -> cluster.stop(member.peer.id()));
      assertThatThrownBy(() -> leader.consensus.readBarrier().join())
          .cause()
          .isInstanceOf(ConsensusException.class)
          .extracting(failure -> ((ConsensusException) failure).reason())
          .isIn(ConsensusException.Reason.NO_LEADER, ConsensusException.Reason.TIMED_OUT);
      await().atMost(TestCluster.PATIENCE).until(() -> !leader.consensus.leads());
      for (Member member : others) {
        cluster.start(member.peer, io.lodestone.raft.RaftConfig.Start.NEW, peers);
      }
      cluster.leader();
      assertThat(leader.read("a")).isEqualTo("1");
      assertThat(leader.put("a", "2")).isEqualTo("1");
      cluster.assertSame();
    }
  }

  @Test
  void aLeaderConfirmsReadsOnlyWhileAMajorityHasItsTerm() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      Member leader = cluster.leader();
      leader.put("a", "1");
      Division division = leader.consensus.division();
      long term = division.term();
      long one = cluster.follower().peer.id();
      ReadIndex.Terms newer = peer -> CompletableFuture.completedFuture(term + 1);
      ReadIndex.Terms silent =
          peer -> CompletableFuture.failedFuture(new IllegalStateException("cut off"));
      ReadIndex.Terms half =
          peer -> peer.id() == one ? CompletableFuture.completedFuture(term) : silent.of(peer);
      assertThat(new ReadIndex(division, half).ask().join()).isPositive();
      for (ReadIndex.Terms terms : List.of(newer, silent)) {
        assertThatThrownBy(() -> new ReadIndex(division, terms).ask().join())
            .cause()
            .extracting(failure -> ((ConsensusException) failure).reason())
            .isEqualTo(ConsensusException.Reason.NO_LEADER);
      }
    }
  }

  @Test
  void membersAskEachOtherOutsideTheLog() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory)) {
      cluster.leader();
      RatisConsensus<String> asker = cluster.member(1).consensus;
      assertThat(text(asker.ask(3, RegisterFile.command("hello")).join()))
          .isEqualTo("3 was asked: hello");
      assertThat(text(asker.ask(1, RegisterFile.command("me")).join()))
          .isEqualTo("1 was asked: me");
      assertThatThrownBy(() -> asker.ask(2, RegisterFile.command("fail")).join())
          .cause()
          .hasMessage("asked to fail")
          .extracting(failure -> ((ConsensusException) failure).reason())
          .isEqualTo(ConsensusException.Reason.REFUSED);
    }
  }

  private static String text(ByteBuffer buffer) {
    return StandardCharsets.UTF_8.decode(buffer).toString();
  }
}
