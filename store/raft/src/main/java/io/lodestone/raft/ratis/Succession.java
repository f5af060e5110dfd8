package io.lodestone.raft.ratis;

import io.lodestone.raft.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has another leader elected at once where the leader's process has gone, which its machine tells:
 * the stream of appends breaks, and nobody listens any more at the leader's address. Where a
 * majority of the voters sees the same, the one of them with the longest log stands for election
 * without waiting for its timeout. A leader that is silent, or that this member alone cannot reach,
 * is left to the timeout. ADR 9 tells why this is safe. Thread-safe.
 */
final class Succession {
  private static final Logger LOG = LoggerFactory.getLogger(Succession.class);

  /** A process that ends closes one socket after another. */
  private static final int LOOKS = 5;

  private static final long BETWEEN_LOOKS_MILLIS = 20;

  private final Division division;
  private final Membership membership;
  private final AppendStreams streams;
  private final PeerCalls calls;
  private final PeerMethods methods;
  private final Executor executor;
  private final Duration connecting;
  private final Duration asking;

  /** What is done on {@code executor} may block. */
  Succession(
      Division division,
      Membership membership,
      AppendStreams streams,
      PeerCalls calls,
      PeerMethods methods,
      Executor executor,
      Duration election) {
    this.division = division;
    this.membership = membership;
    this.streams = streams;
    this.calls = calls;
    this.methods = methods;
    this.executor = executor;
    this.connecting = election.dividedBy(10);
    this.asking = election.dividedBy(2);
  }

  /** What another member is asked: whether the leader of a term is gone for it, too. */
  private record Question(long term, long leader) {
    static final int BYTES = 2 * Long.BYTES;

    byte[] toBytes() {
      return ByteBuffer.allocate(BYTES).putLong(term).putLong(leader).array();
    }

    static Optional<Question> of(byte[] bytes) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return bytes.length == BYTES
          ? Optional.of(new Question(buffer.getLong(), buffer.getLong()))
          : Optional.empty();
    }
  }

  /** A voter for whom the leader is gone, and the last entry of its log. */
  record Heir(RaftPeerId id, TermIndex last) {
    /** Whoever has the longer log; of two with the same, one and the same for all who ask. */
    boolean comesBefore(Heir other) {
      int longer = last.compareTo(other.last);
      return longer > 0
          || (longer == 0 && Long.compareUnsigned(Peers.id(id), Peers.id(other.id)) < 0);
    }
  }

  /** To be called where the last stream of appends from {@code member} has ended. */
  void streamEnded(long member) {
    following(member).ifPresent(this::beginToSucceed);
  }

  private void beginToSucceed(Route.There lost) {
    try {
      tell(CompletableFuture.runAsync(() -> succeed(lost), executor));
    } catch (RejectedExecutionException e) {
      LOG.atDebug().setCause(e).log("this member is being closed, and elects nobody");
    }
  }

  private static void tell(CompletableFuture<Void> work) {
    Membership.logFailure(work, "this member does not stand for election");
  }

  private Optional<Route.There> following(long leader) {
    return division.follows() && division.route() instanceof Route.There there
        ? Optional.of(there).filter(known -> known.leader().id() == leader)
        : Optional.empty();
  }

  /**
   * Answers with the term and the index of this member's last entry where the leader is gone for
   * it, with nothing where not. Blocks for a moment.
   */
  byte[] asked(byte[] question) {
    return Question.of(question)
        .flatMap(asked -> following(asked.leader()).filter(led -> led.term() == asked.term()))
        .filter(this::isGone)
        .flatMap(gone -> division.lastEntry())
        .map(Succession::toBytes)
        .orElse(PeerMethods.NOTHING);
  }

  private static byte[] toBytes(TermIndex last) {
    return ByteBuffer.allocate(2 * Long.BYTES)
        .putLong(last.getTerm())
        .putLong(last.getIndex())
        .array();
  }

  private static Optional<TermIndex> fromBytes(byte[] answer) {
    ByteBuffer buffer = ByteBuffer.wrap(answer);
    return answer.length == 2 * Long.BYTES
        ? Optional.of(TermIndex.valueOf(buffer.getLong(), buffer.getLong()))
        : Optional.empty();
  }

  private boolean isGone(Route.There leader) {
    for (int look = 0; look < LOOKS; look++) {
      if (look > 0 && !rest()) {
        return false;
      }
      if (!division.route().equals(leader)) {
        return false;
      }
      if (!streams.isOpen(leader.leader().id()) && calls.isRefused(leader.leader(), connecting)) {
        return true;
      }
    }
    return false;
  }

  private static boolean rest() {
    try {
      TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void succeed(Route.There lost) {
    if (!isGone(lost)) {
      return;
    }
    Voters voters = Voters.of(division.configuration());
    byte[] question = new Question(lost.term(), lost.leader().id()).toBytes();
    List<CompletableFuture<Optional<Heir>>> asked =
        voters.all().stream()
            .filter(voter -> !division.isSelf(voter) && !isAt(voter, lost.leader()))
            .map(voter -> ask(voter, question))
            .toList();
    CompletableFuture<Void> all =
        CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new));
    tell(all.thenRunAsync(() -> decide(lost, voters, heirs(asked)), executor));
  }

  private static List<Heir> heirs(List<CompletableFuture<Optional<Heir>>> answered) {
    return answered.stream().map(CompletableFuture::join).flatMap(Optional::stream).toList();
  }

  private static boolean isAt(RaftPeer voter, Peer leader) {
    return Peers.id(voter.getId()) == leader.id();
  }

  /** Never fails: who does not answer says nothing. */
  private CompletableFuture<Optional<Heir>> ask(RaftPeer voter, byte[] question) {
    return calls
        .call(Peers.peer(voter), methods.gone(), question, asking)
        .handle(
            (answer, failure) ->
                Optional.ofNullable(answer)
                    .flatMap(Succession::fromBytes)
                    .map(last -> new Heir(voter.getId(), last)));
  }

  private void decide(Route.There lost, Voters voters, List<Heir> others) {
    Optional<TermIndex> last = division.lastEntry();
    if (last.isEmpty() || !division.route().equals(lost)) {
      return;
    }
    Heir self = new Heir(division.id(), last.get());
    Set<RaftPeerId> agreed = new HashSet<>(Set.of(self.id()));
    others.forEach(other -> agreed.add(other.id()));
    if (!voters.decide(agreed) || others.stream().anyMatch(other -> other.comesBefore(self))) {
      return;
    }
    LOG.atInfo()
        .addArgument(Long.toHexString(lost.leader().id()))
        .addArgument(lost.term())
        .log("the process of {}, the leader of term {}, has gone; this member stands for election");
    try {
      membership.succeed(lost.leader().id(), self.last());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
