package io.lodestone.raft.ratis;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftConfiguration;

/** Whose votes count: while members change, both those of the old and of the new configuration. */
record Voters(Collection<RaftPeer> current, Collection<RaftPeer> previous) {
  static Voters of(RaftConfiguration configuration) {
    return new Voters(configuration.getCurrentPeers(), configuration.getPreviousPeers());
  }

  Set<RaftPeer> all() {
    Set<RaftPeer> all = new HashSet<>(current);
    all.addAll(previous);
    return all;
  }

  /** Whether {@code agreed} are a majority, of both configurations while they change. */
  boolean decide(Set<RaftPeerId> agreed) {
    return agree(current, agreed) && agree(previous, agreed);
  }

  private static boolean agree(Collection<RaftPeer> voters, Set<RaftPeerId> agreed) {
    long count = voters.stream().filter(voter -> agreed.contains(voter.getId())).count();
    return voters.isEmpty() || count > voters.size() / 2;
  }
}
