package io.lodestone.raft.ratis;

import io.lodestone.raft.Peer;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;

/** What Ratis says of this member right now. Thread-safe; never blocks. */
final class Division {
  private final RaftServer.Division division;

  Division(RaftServer.Division division) {
    this.division = division;
  }

  DivisionInfo info() {
    return division.getInfo();
  }

  RaftConfiguration configuration() {
    return division.getRaftConf();
  }

  long term() {
    return info().getCurrentTerm();
  }

  long committedIndex() {
    return division.getRaftLog().getLastCommittedIndex();
  }

  /** Of this member's log. */
  long lastIndex() {
    return division.getRaftLog().getNextIndex() - 1;
  }

  /** Empty where the log holds nothing behind a checkpoint. */
  Optional<TermIndex> lastEntry() {
    return Optional.ofNullable(division.getRaftLog().getLastEntryTermIndex());
  }

  /** Up to here this member's log is on its disk. */
  long writtenIndex() {
    return division.getRaftLog().getFlushIndex();
  }

  /** 0 for none. */
  long leader() {
    RaftPeerId leader = info().getLeaderId();
    return leader == null ? 0 : Peers.id(leader);
  }

  /** Whether this member votes and neither leads nor stands for election. */
  boolean follows() {
    return info().isFollower();
  }

  boolean leads() {
    return info().isLeader() && info().isLeaderReady();
  }

  Route route() {
    long term = term();
    if (leads()) {
      return new Route.Here(term);
    }
    RaftPeerId leader = info().getLeaderId();
    if (leader == null || leader.equals(division.getId())) {
      return Route.NONE;
    }
    return peers().stream()
        .filter(peer -> peer.id() == Peers.id(leader))
        .findFirst()
        .<Route>map(peer -> new Route.There(term, peer))
        .orElse(Route.NONE);
  }

  List<Peer> peers() {
    return Peers.of(configuration());
  }

  RaftPeerId id() {
    return division.getId();
  }

  boolean isSelf(RaftPeer peer) {
    return peer.getId().equals(division.getId());
  }
}
