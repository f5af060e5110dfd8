package io.lodestone.server.lease;

import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseCheckpoint;
import io.lodestone.api.etcdserverpb.LeaseCheckpointRequest;
import io.lodestone.mvcc.Leases;
import io.lodestone.mvcc.lease.Remainder;
import io.lodestone.server.call.CallStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what time leases have left, so that a restart does not give them all of it again
 * ({@code --experimental-enable-lease-checkpoint-persist}): whenever it would give five minutes too
 * many, as in etcd. A renewal takes the note back. {@link #tick} is called by one timer thread.
 */
public final class LeaseCheckpoints {
  /** How often to look. */
  public static final Duration TICK = Duration.ofSeconds(5);

  /** What a restart may give too much. */
  static final Duration DRIFT = Duration.ofMinutes(5);

  private static final Logger log = LoggerFactory.getLogger(LeaseCheckpoints.class);
  private static final int MOST_AT_ONCE = 1000;

  private final Leases leases;
  private final Function<InternalRaftRequest.Builder, CompletableFuture<?>> proposals;
  private final AtomicBoolean underWay = new AtomicBoolean();

  /** {@code proposals} commits in the name of the server itself. */
  public LeaseCheckpoints(
      Leases leases, Function<InternalRaftRequest.Builder, CompletableFuture<?>> proposals) {
    this.leases = leases;
    this.proposals = proposals;
  }

  /** Notes a thousand at most; what is left over is noted by the next. */
  public void tick() {
    List<Remainder> due = leases.forgettable(DRIFT, MOST_AT_ONCE);
    if (due.isEmpty() || underWay.getAndSet(true)) {
      return;
    }
    var unused =
        propose(due)
            .whenComplete(
                (response, failure) -> {
                  underWay.set(false);
                  if (failure != null) {
                    log.atWarn()
                        .addKeyValue("why", CallStatus.of(failure))
                        .log("cannot write down what time leases have left");
                  }
                });
  }

  /** Forgets what was noted of a lease that is about to be renewed; done where nothing was. */
  CompletableFuture<?> forget(LeaseId id) {
    return leases.isCheckpointed(id)
        ? propose(List.of(new Remainder(id, 0)))
        : CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<?> propose(List<Remainder> remainders) {
    LeaseCheckpointRequest.Builder notes = LeaseCheckpointRequest.newBuilder();
    for (Remainder remainder : remainders) {
      notes.addCheckpoints(
          LeaseCheckpoint.newBuilder()
              .setID(remainder.id().value())
              .setRemainingTTL(remainder.seconds()));
    }
    return proposals.apply(InternalRaftRequest.newBuilder().setLeaseCheckpoint(notes));
  }
}
