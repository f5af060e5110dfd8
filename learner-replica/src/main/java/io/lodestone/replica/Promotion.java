package io.lodestone.replica;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when somebody promotes the replica to a member that votes. The cluster counts on it
 * then, and it never votes. So it says so wherever it can, and asks to be removed until it is.
 * Confined to one thread, but for {@link #close}.
 */
final class Promotion implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Promotion.class);

  private final LivingUpstream source;
  private final Thread leaving;
  private boolean noticed;

  Promotion(LivingUpstream source, RaftMembership membership, long self) {
    this.source = source;
    this.leaving =
        new Thread(
            () -> {
              try {
                membership.removeUs(self);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "replica-leave");
    leaving.setDaemon(true);
  }

  boolean noticed() {
    return noticed;
  }

  /** Once is enough. */
  void notice() {
    if (noticed) {
      return;
    }
    noticed = true;
    LOG.atError()
        .addKeyValue("hint", "a replica must stay a learner; it asks now to be removed")
        .log("somebody has promoted this replica to a member that votes, which it cannot");
    source.faulty("PROMOTED TO VOTER");
    leaving.start();
  }

  @Override
  public void close() {
    leaving.interrupt();
  }
}
