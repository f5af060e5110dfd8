package io.lodestone.server.cluster;

import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.raft.Consensus;
import io.lodestone.raft.ConsensusException;
import io.lodestone.raft.ConsensusException.Reason;
import io.lodestone.raft.Peer;
import io.lodestone.raft.Progress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Lets consensus follow the table of members: the leader changes its configuration until it is what
 * the table says. Who leaves, leaves first; who comes, comes one by one, once it can be reached, so
 * that a member that was added and never started takes no part in any quorum. Thread-safe; {@link
 * #tick} is called by one timer thread.
 */
public final class Reconfiguration implements Contacts {
  private static final Logger LOG = LoggerFactory.getLogger(Reconfiguration.class);
  private static final double CAUGHT_UP = 0.9;

  /** Then a step is tried anew, since its end may have got lost; most often it still goes on. */
  private static final Duration LONGEST_STEP = Duration.ofSeconds(60);

  private final Consensus<Applied> consensus;
  private final Supplier<List<Member>> members;
  private final long localId;
  private final LastAnswers heard;
  private final AtomicBoolean underWay = new AtomicBoolean();
  private int turn;

  public Reconfiguration(
      Consensus<Applied> consensus,
      Supplier<List<Member>> members,
      long localId,
      LastAnswers heard) {
    this.consensus = consensus;
    this.members = members;
    this.localId = localId;
    this.heard = heard;
  }

  /** Where consensus reaches the members. */
  public static List<Peer> peers(List<Member> members) {
    return members.stream().map(Reconfiguration::peer).toList();
  }

  /** The same for one. */
  public static Peer peer(Member member) {
    URI url = URI.create(member.getPeerURLs(0));
    return new Peer(
        member.getID(),
        url.getHost().replaceAll("[\\[\\]]", ""),
        url.getPort(),
        member.getIsLearner() ? Peer.Vote.LEARNER : Peer.Vote.VOTER);
  }

  /** One step towards the table, where this member leads and no step is under way. */
  public void tick() {
    if (!consensus.leads() || underWay.getAndSet(true)) {
      return;
    }
    List<Peer> next = next(consensus.peers(), peers(members.get()));
    if (next.isEmpty()) {
      underWay.set(false);
      return;
    }
    var unused =
        consensus
            .change(next)
            .orTimeout(LONGEST_STEP.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete(
                (done, failure) -> {
                  underWay.set(false);
                  tell(next, failure);
                });
  }

  private static void tell(List<Peer> wanted, Throwable failure) {
    if (failure == null) {
      LOG.atInfo().addKeyValue("peers", wanted).log("consensus has new members");
      return;
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    String why = cause instanceof ConsensusException known ? known.getMessage() : cause.toString();
    boolean goesOn =
        cause instanceof ConsensusException open && open.reason() == Reason.CHANGE_IN_PROGRESS;
    LOG.atLevel(goesOn ? Level.DEBUG : Level.WARN)
        .addKeyValue("peers", wanted)
        .addKeyValue("why", why)
        .log("the members cannot be changed yet; trying again");
  }

  /** Empty where {@code now} is what is wanted. */
  private List<Peer> next(List<Peer> now, List<Peer> wanted) {
    Set<Long> known = now.stream().map(Peer::id).collect(Collectors.toSet());
    List<Peer> staying = wanted.stream().filter(peer -> known.contains(peer.id())).toList();
    if (!staying.isEmpty() && !Set.copyOf(now).equals(Set.copyOf(staying))) {
      return staying;
    }
    List<Peer> coming = wanted.stream().filter(peer -> !known.contains(peer.id())).toList();
    if (coming.isEmpty()) {
      return List.of();
    }
    turn++;
    List<Peer> next = new ArrayList<>(staying);
    next.add(coming.get(Math.floorMod(turn, coming.size())));
    return next;
  }

  @Override
  public boolean isHeard(long id) {
    return id == localId || heard.isFresh(id);
  }

  @Override
  public boolean isCaughtUp(long id) {
    return consensus.progress().stream()
        .filter(progress -> progress.id() == id)
        .mapToLong(Progress::matchIndex)
        .anyMatch(match -> match >= CAUGHT_UP * consensus.committedIndex());
  }
}
