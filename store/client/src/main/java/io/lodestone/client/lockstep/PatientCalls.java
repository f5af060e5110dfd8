package io.lodestone.client.lockstep;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.lodestone.client.UnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats calls that may be repeated while the cluster is away. Thread-safe. */
public final class PatientCalls {
  private static final Logger log = LoggerFactory.getLogger(PatientCalls.class);
  private static final long PAUSE_MILLIS = 100;

  private volatile Duration patience;

  /**
   * @param patience how long the cluster may be away
   */
  public PatientCalls(Duration patience) {
    this.patience = patience;
  }

  /** From the next call on. */
  void limitPatience(Duration limit) {
    patience = limit;
  }

  public <A> A insist(Supplier<A> call) throws InterruptedException {
    long giveUpAt = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return call.get();
      } catch (LodestoneException e) {
        if (!UnavailableException.isAbsence(e) || System.nanoTime() - giveUpAt > 0) {
          throw e;
        }
        log.atWarn()
            .addKeyValue("reason", e.getMessage())
            .log("the destination does not answer; trying again");
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
  }

  /** The same for a call that {@code done} refuses where it, or somebody, has done it already. */
  public void insist(ErrorCode done, Runnable call) throws InterruptedException {
    boolean unused =
        insist(
            () -> {
              try {
                call.run();
                return true;
              } catch (StoreException e) {
                if (e.code() == done) {
                  return false;
                }
                throw e;
              }
            });
  }
}
