package io.lodestone.backup.metrics;

import java.util.Locale;

/** How an agent stands to one of its clusters. */
public enum State {
  /** It has not yet come to know. */
  STARTING,
  /** It writes the cluster's log. */
  WRITING,
  /** Another agent does, and it waits for its place. */
  STANDBY,
  /** It has failed, and tries again after a pause. */
  FAILING;

  /** {@code writing}, as in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
