package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusListener;

/** Tells when another member leads, or none. Confined to the timer. */
final class LeaderWatch {
  private final Division division;
  private final ConsensusListener listener;
  private long term;
  private long leader;

  LeaderWatch(Division division, ConsensusListener listener) {
    this.division = division;
    this.listener = listener;
  }

  void look() {
    long termNow = division.term();
    long leaderNow = division.leader();
    if (leaderNow != leader || (leaderNow != 0 && termNow != term)) {
      term = termNow;
      leader = leaderNow;
      listener.leaderChanged(termNow, leaderNow);
    }
  }
}
