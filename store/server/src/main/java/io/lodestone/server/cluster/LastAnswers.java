package io.lodestone.server.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When other members answered last. What Ratis calls a follower's last contact will not do, since
 * it begins with the moment of the first attempt. Thread-safe.
 */
public final class LastAnswers {
  private final Map<Long, Long> nanos = new ConcurrentHashMap<>();
  private final Duration patience;

  /** {@code patience} is how long a member may be silent and still count as there. */
  public LastAnswers(Duration patience) {
    this.patience = patience;
  }

  /** It has answered just now. */
  public void answered(long id) {
    nanos.put(id, System.nanoTime());
  }

  /** There is no connection to it. */
  public void unreachable(long id) {
    nanos.remove(id);
  }

  boolean isFresh(long id) {
    Long last = nanos.get(id);
    return last != null && System.nanoTime() - last < patience.toNanos();
  }
}
