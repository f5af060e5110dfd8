package io.lodestone.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lodestone.raft.Peer;
import io.lodestone.raft.RaftConfig.Start;
import io.lodestone.raft.ratis.Succession.Heir;
import io.lodestone.raft.ratis.TestCluster.Member;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.protocol.TermIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuccessionTest {
  /** A member that waits for it comes too late here. */
  private static final Duration ELECTION = Duration.ofSeconds(8);

  private static final Duration AT_ONCE = Duration.ofSeconds(6);

  @TempDir Path directory;

  @Test
  void whereTheLeaderHasGoneTheOthersElectWithoutWaiting() throws Exception {
    List<Peer> peers = TestCluster.voters(3);
    try (TestCluster cluster = TestCluster.patient(ELECTION, directory)) {
      for (Peer peer : peers) {
        cluster.start(peer, Start.NEW, peers);
      }
      Member leader = cluster.leader();
      assertThat(leader.put("a", "1")).isEmpty();
      cluster.assertSame();
      cluster.stop(leader.peer.id());
      await()
          .atMost(AT_ONCE)
          .until(() -> cluster.members().stream().anyMatch(member -> member.consensus.leads()));
      assertThat(cluster.leader().put("a", "2")).isEqualTo("1");
      assertThat(cluster.follower().read("a")).isEqualTo("2");
    }
  }

  /** Whoever stands needs the votes of the others, who give none to a shorter log than theirs. */
  @Test
  void oneWithTheLongestLogStands() {
    Heir shorter = heir(1, 2, 9);
    Heir longer = heir(3, 2, 10);
    Heir later = heir(2, 3, 5);
    assertThat(longer.comesBefore(shorter)).isTrue();
    assertThat(shorter.comesBefore(longer)).isFalse();
    assertThat(later.comesBefore(longer)).isTrue();
    assertThat(longer.comesBefore(later)).isFalse();
    Heir same = heir(-1, 2, 10);
    assertThat(longer.comesBefore(same)).isTrue();
    assertThat(same.comesBefore(longer)).isFalse();
    assertThat(longer.comesBefore(longer)).isFalse();
  }

  private static Heir heir(long id, long term, long index) {
    return new Heir(Peers.ratisId(id), TermIndex.valueOf(term, index));
  }

  @Test
  void aMajorityDecidesOfBothConfigurationsWhileTheyChange() {
    List<RaftPeer> three = voters(1, 2, 3);
    List<RaftPeer> others = voters(3, 4, 5);
    assertThat(new Voters(three, List.of()).decide(ids(1))).isFalse();
    assertThat(new Voters(three, List.of()).decide(ids(1, 4, 5))).isFalse();
    assertThat(new Voters(three, List.of()).decide(ids(1, 3))).isTrue();
    assertThat(new Voters(three, others).decide(ids(1, 3))).isFalse();
    assertThat(new Voters(three, others).decide(ids(1, 3, 4))).isTrue();
    assertThat(new Voters(voters(1, 2), List.of()).decide(ids(1))).isFalse();
  }

  private static List<RaftPeer> voters(long... ids) {
    return LongStream.of(ids)
        .mapToObj(id -> Peers.ratisPeer(Peer.voter(id, "127.0.0.1", 2380)))
        .toList();
  }

  private static Set<RaftPeerId> ids(long... ids) {
    return LongStream.of(ids).mapToObj(Peers::ratisId).collect(Collectors.toSet());
  }

  @Test
  void aLeaderThatIsHeardOrThatIsAnothersIsNotGone() throws Exception {
    try (TestCluster cluster = TestCluster.of(3, directory);
        PeerCalls calls = new PeerCalls(Optional.empty(), ELECTION)) {
      Member leader = cluster.leader();
      assertThat(leader.put("a", "1")).isEmpty();
      cluster.assertSame();
      Member follower = cluster.follower();
      long term = follower.consensus.term();
      assertThat(ask(calls, follower, question(term, leader.peer.id()))).isEmpty();
      assertThat(ask(calls, follower, question(term, follower.peer.id()))).isEmpty();
      assertThat(ask(calls, follower, question(term - 1, leader.peer.id()))).isEmpty();
      assertThat(ask(calls, follower, new byte[0])).isEmpty();
      assertThat(ask(calls, follower, new byte[99])).isEmpty();
      assertThat(ask(calls, leader, question(term, leader.peer.id()))).isEmpty();
    }
  }

  private static byte[] question(long term, long leader) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(term).putLong(leader).array();
  }

  private static byte[] ask(PeerCalls calls, Member member, byte[] question) {
    PeerMethods methods = PeerMethods.of(TestCluster.CLUSTER);
    return calls.call(member.peer, methods.gone(), question, TestCluster.PATIENCE).join();
  }

  @Test
  void onlyAPortThatNobodyListensAtIsRefused() throws Exception {
    Peer peer = TestCluster.voters(1).get(0);
    try (PeerCalls calls = new PeerCalls(Optional.empty(), ELECTION)) {
      assertThat(calls.isRefused(peer, TestCluster.PATIENCE)).isTrue();
      try (ServerSocket listening =
          new ServerSocket(peer.port(), 1, InetAddress.getByName(peer.host()))) {
        assertThat(listening.isBound()).isTrue();
        assertThat(calls.isRefused(peer, TestCluster.PATIENCE)).isFalse();
      }
      Peer nowhere = Peer.voter(7, "lodestone.invalid", peer.port());
      assertThat(calls.isRefused(nowhere, TestCluster.PATIENCE)).isFalse();
    }
  }
}
