package io.lodestone.cli;

import io.grpc.Channel;
import java.time.Instant;
import java.util.TreeMap;

/**
 * What a cluster said of itself, by revision; and when its disaster came. Confined to one thread.
 */
final class StateLog {
  private final TreeMap<Long, KeyspaceState> states = new TreeMap<>();
  private Instant disasterAt = Instant.MAX;

  /** Writes down the newest revision. */
  void ask(Channel member) {
    long revision = KeyspaceState.newestRevision(member);
    states.put(revision, KeyspaceState.of(member, revision));
  }

  /** The last revision written down that is not above {@code revision}. */
  long lastUpTo(long revision) {
    return states.floorKey(revision);
  }

  KeyspaceState at(long revision) {
    return states.get(revision);
  }

  void disasterAt(Instant time) {
    disasterAt = time;
  }

  Instant disasterAt() {
    return disasterAt;
  }
}
