package io.lodestone.raft;

import java.util.List;
import java.util.Optional;

/** What a member tells of itself. Called on threads that must not be kept waiting. */
public interface ConsensusListener {
  /** Another member leads, as seen from here; {@code leader} is 0 for none. */
  void leaderChanged(long term, long leader);

  /** A new configuration is committed here. A member that is not in it has been removed. */
  void peersChanged(List<Peer> peers);

  /**
   * This member takes no more part, without having been closed: it could not write its log or apply
   * a command, which is then the cause, or it was removed. To be closed now.
   */
  void stopped(Optional<Throwable> cause);
}
