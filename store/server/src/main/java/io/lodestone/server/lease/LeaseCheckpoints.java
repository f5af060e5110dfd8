package io.lodestone.server.lease;

import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.LeaseCheckpoint;
import io.lodestone.api.etcdserverpb.LeaseCheckpointRequest;
import io.lodestone.mvcc.Leases;
import io.lodestone.server.call.CallStatus;
import io.lodestone.server.proposal.Submissions;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down how much time long leases have left, so that a restart does not give them all of it
 * again ({@code --experimental-enable-lease-checkpoint}). Called by the timer thread.
 */
public final class LeaseCheckpoints {
  /** Between two notes of a lease; shorter leases need none. */
  public static final Duration INTERVAL = Duration.ofMinutes(5);

  private static final Logger log = LoggerFactory.getLogger(LeaseCheckpoints.class);
  private static final int MOST_AT_ONCE = 1000;

  private final Leases leases;
  private final Submissions submissions;

  public LeaseCheckpoints(Leases leases, Submissions submissions) {
    this.leases = leases;
    this.submissions = submissions;
  }

  public void tick() {
    LeaseCheckpointRequest.Builder notes = LeaseCheckpointRequest.newBuilder();
    for (LeaseId id : leases.list()) {
      leases
          .status(id, false)
          .map(Leases.LeaseStatus::remainingTtlSeconds)
          .filter(seconds -> seconds > INTERVAL.toSeconds())
          .ifPresent(
              seconds ->
                  notes.addCheckpoints(
                      LeaseCheckpoint.newBuilder().setID(id.value()).setRemainingTTL(seconds)));
      if (notes.getCheckpointsCount() >= MOST_AT_ONCE) {
        propose(notes);
      }
    }
    propose(notes);
  }

  private void propose(LeaseCheckpointRequest.Builder notes) {
    if (notes.getCheckpointsCount() == 0) {
      return;
    }
    var unused =
        submissions
            .submitOwn(InternalRaftRequest.newBuilder().setLeaseCheckpoint(notes.build()))
            .whenComplete(
                (response, failure) -> {
                  if (failure != null) {
                    log.atWarn()
                        .addKeyValue("why", CallStatus.of(failure))
                        .log("cannot write down what time leases have left");
                  }
                });
    notes.clear();
  }
}
