package io.lodestone.raft.ratis;

import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import io.lodestone.raft.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * The leader's half of a linearizable read (Ongaro's dissertation, 6.4; ADR 9): it notes how far
 * the log is committed, and then asks the voters for their term. As long as a majority has the
 * leader's own term, no newer leader can have been elected when they answered, for that takes the
 * votes of a majority in a newer term; so nothing was acknowledged before the read began that is
 * not in what was noted. While members change, both the old and the new voters need such a
 * majority.
 *
 * <p>Ratis' own linearizable read is not used: it answers from the leader alone where a heartbeat
 * was answered some time before.
 *
 * <p>Thread-safe. Reads that wait share a round.
 */
final class ReadIndex {
  /** How other members are asked for their term. */
  interface Terms {
    CompletableFuture<Long> of(Peer peer);
  }

  private final Division division;
  private final Terms terms;
  private final Rounds<Long> rounds = new Rounds<>(this::round);

  ReadIndex(Division division, Terms terms) {
    this.division = division;
    this.terms = terms;
  }

  /** Fails with NO_LEADER where this member does not lead, or no majority says so. */
  CompletableFuture<Long> ask() {
    return rounds.join();
  }

  private CompletableFuture<Long> round() {
    long term = division.term();
    if (!division.leads()) {
      return CompletableFuture.failedFuture(deposed());
    }
    Voters voters = Voters.of(division.configuration());
    long index = division.committedIndex();
    return new Poll(term, index, voters).begin();
  }

  private static ConsensusException deposed() {
    return new ConsensusException(Reason.NO_LEADER, "this member does not lead, or not any more");
  }

  /** One round under way. */
  private final class Poll {
    private final long term;
    private final long index;
    private final Voters voters;
    private final Set<RaftPeerId> agreed = ConcurrentHashMap.newKeySet();
    private final AtomicInteger missing = new AtomicInteger();
    private final CompletableFuture<Long> outcome = new CompletableFuture<>();

    Poll(long term, long index, Voters voters) {
      this.term = term;
      this.index = index;
      this.voters = voters;
    }

    CompletableFuture<Long> begin() {
      List<RaftPeer> others = new ArrayList<>();
      for (RaftPeer voter : voters.all()) {
        if (division.isSelf(voter)) {
          agreed.add(voter.getId());
        } else {
          others.add(voter);
        }
      }
      missing.set(others.size() + 1);
      others.forEach(this::ask);
      answered();
      return outcome;
    }

    private void ask(RaftPeer voter) {
      CompletableFuture<Long> asked = terms.of(Peers.peer(voter));
      var unused =
          asked.whenComplete(
              (answer, failure) -> {
                if (failure == null && answer == term) {
                  agreed.add(voter.getId());
                }
                answered();
              });
    }

    private void answered() {
      boolean last = missing.decrementAndGet() == 0;
      if (voters.decide(agreed)) {
        conclude();
      } else if (last) {
        outcome.completeExceptionally(deposed());
      }
    }

    private void conclude() {
      if (division.leads() && division.term() == term) {
        outcome.complete(index);
      } else {
        outcome.completeExceptionally(deposed());
      }
    }
  }
}
