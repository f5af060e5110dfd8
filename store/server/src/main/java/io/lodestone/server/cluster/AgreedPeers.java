package io.lodestone.server.cluster;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.raft.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The members whom consensus counts: the newest configuration that is committed and known here. It
 * follows the table of members a moment later, see {@link Reconfiguration}; those who have to can
 * wait for that. Thread-safe.
 */
public final class AgreedPeers {
  private record Waiting(Predicate<Set<Peer>> until, CompletableFuture<Void> done) {}

  @GuardedBy("this")
  private final List<Waiting> waiting = new ArrayList<>();

  private volatile Set<Peer> peers = Set.of();

  /** What was known from before, unless something newer is known by now. */
  public void begin(List<Peer> known) {
    synchronized (this) {
      if (peers.isEmpty()) {
        peers = Set.copyOf(known);
      }
    }
  }

  /** A new configuration is committed; returns whether it differs from the one before. */
  public boolean set(List<Peer> agreed) {
    Set<Peer> now = Set.copyOf(agreed);
    List<Waiting> over;
    synchronized (this) {
      if (now.equals(peers)) {
        return false;
      }
      peers = now;
      over = waiting.stream().filter(one -> one.until().test(now)).toList();
      waiting.removeAll(over);
    }
    over.forEach(one -> one.done().complete(null));
    return true;
  }

  /** Whether the member takes part, be it as a learner. */
  public boolean has(long id) {
    return peers.stream().anyMatch(peer -> peer.id() == id);
  }

  /** Completes once the member votes; fails with TIMEOUT where it does not within {@code time}. */
  public CompletableFuture<Void> untilVotes(long id, Duration time) {
    return until(
        agreed -> agreed.stream().anyMatch(peer -> peer.id() == id && !peer.learns()), time);
  }

  /** Completes once the member takes no part; fails with TIMEOUT as {@link #untilVotes}. */
  public CompletableFuture<Void> untilGone(long id, Duration time) {
    return until(agreed -> agreed.stream().noneMatch(peer -> peer.id() == id), time);
  }

  private CompletableFuture<Void> until(Predicate<Set<Peer>> condition, Duration time) {
    Waiting one = new Waiting(condition, new CompletableFuture<>());
    synchronized (this) {
      if (condition.test(peers)) {
        return CompletableFuture.completedFuture(null);
      }
      waiting.add(one);
    }
    CompletableFuture.delayedExecutor(time.toNanos(), TimeUnit.NANOSECONDS)
        .execute(() -> giveUp(one));
    return one.done();
  }

  private void giveUp(Waiting one) {
    synchronized (this) {
      waiting.remove(one);
    }
    one.done().completeExceptionally(new StoreException(ErrorCode.TIMEOUT));
  }
}
