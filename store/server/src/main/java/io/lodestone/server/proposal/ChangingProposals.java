package io.lodestone.server.proposal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.log.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A way into the log that can become another one while it is in use: between {@link #hold} and
 * {@link #goOn} what is proposed waits, and nothing else does. Thread-safe.
 */
public final class ChangingProposals implements Proposals {
  private static final int MOST_WAITING = 8192;

  private final Object lock = new Object();
  private volatile Proposals current;

  /** For good; nobody needs the lock any more. */
  private volatile boolean settled;

  @GuardedBy("lock")
  private boolean held;

  @GuardedBy("lock")
  private List<Waiting> waiting = new ArrayList<>();

  public ChangingProposals(Proposals first) {
    this.current = first;
  }

  /** What waits for its turn, and whom to tell. */
  private record Waiting(
      Function<Proposals, CompletableFuture<Applied>> proposal, CompletableFuture<Applied> answer) {
    void passTo(Proposals next) {
      var unused =
          proposal
              .apply(next)
              .whenComplete(
                  (applied, failure) -> {
                    if (failure == null) {
                      answer.complete(applied);
                    } else {
                      answer.completeExceptionally(failure);
                    }
                  });
    }
  }

  /** When this returns, all that was proposed is with the way that was in use until now. */
  public void hold() {
    synchronized (lock) {
      held = true;
    }
  }

  /** What waits, and whatever comes, goes to {@code next}, until it is held again. */
  public void goOn(Proposals next) {
    goOn(next, false);
  }

  /** The same for good. */
  public void settle(Proposals last) {
    goOn(last, true);
  }

  private void goOn(Proposals next, boolean forGood) {
    current = next;
    List<Waiting> before;
    do {
      before = takeWaiting(forGood);
      before.forEach(proposal -> proposal.passTo(next));
    } while (!before.isEmpty());
  }

  /** Nothing waits any more, and nothing has to, where this is empty. */
  private List<Waiting> takeWaiting(boolean forGood) {
    synchronized (lock) {
      List<Waiting> taken = waiting;
      waiting = new ArrayList<>();
      if (taken.isEmpty()) {
        held = false;
        settled = forGood;
      }
      return taken;
    }
  }

  @Override
  public CompletableFuture<Applied> propose(InternalRaftRequest request) {
    return propose(proposals -> proposals.propose(request));
  }

  @Override
  public CompletableFuture<Applied> proposeAsLeader(InternalRaftRequest request) {
    return propose(proposals -> proposals.proposeAsLeader(request));
  }

  private CompletableFuture<Applied> propose(
      Function<Proposals, CompletableFuture<Applied>> proposal) {
    if (settled) {
      return proposal.apply(current);
    }
    synchronized (lock) {
      if (!held) {
        // Takes what is proposed, and answers later: nobody else is called here.
        return proposal.apply(current);
      }
      CompletableFuture<Applied> answer = new CompletableFuture<>();
      if (waiting.size() < MOST_WAITING) {
        waiting.add(new Waiting(proposal, answer));
      } else {
        answer.completeExceptionally(new StoreException(ErrorCode.TOO_MANY_REQUESTS));
      }
      return answer;
    }
  }

  @Override
  public CompletableFuture<Void> readBarrier() {
    return current.readBarrier();
  }

  @Override
  public long term() {
    return current.term();
  }

  @Override
  public long leader() {
    return current.leader();
  }

  @Override
  public boolean leads() {
    return current.leads();
  }

  @Override
  public boolean learns() {
    return current.learns();
  }

  @Override
  public CompletableFuture<Void> transferLeadership(long id) {
    return current.transferLeadership(id);
  }

  @Override
  public long leaderChanges() {
    return current.leaderChanges();
  }

  @Override
  public long lateHeartbeats() {
    return current.lateHeartbeats();
  }

  @Override
  public long pending() {
    return current.pending();
  }

  @Override
  public long failed() {
    return current.failed();
  }

  @Override
  public long committedIndex() {
    return current.committedIndex();
  }

  @Override
  public long appliedIndex() {
    return current.appliedIndex();
  }
}
