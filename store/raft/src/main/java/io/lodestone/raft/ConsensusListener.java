package io.lodestone.raft;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What a member tells of itself, and is asked by others. Called on threads that must not be kept
 * waiting, and from which the consensus must not be closed.
 */
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

  /** How long it took another member to answer, now and then. */
  default void roundTrip(long id, Duration time) {}

  /** Asked in the same way, another member could not be connected to. */
  default void unreachable(long id) {}

  /** The state begins to be sent to member {@code id}, 0 for one that does not say who it is. */
  default Passage sending(long id) {
    return Passage.UNHEEDED;
  }

  /** The state of member {@code id}, which leads, begins to be received. */
  default Passage receiving(long id) {
    return Passage.UNHEEDED;
  }

  /** What was received begins to take the place of the state here. */
  default Passage installing() {
    return Passage.UNHEEDED;
  }

  /**
   * Answers what another member, or one that wants to join, asks with {@link Consensus#ask}. A
   * failure reaches the asker as REFUSED, with its message.
   */
  default CompletableFuture<ByteBuffer> answer(ByteBuffer question) {
    return CompletableFuture.failedFuture(
        new ConsensusException(ConsensusException.Reason.REFUSED, "nobody answers here"));
  }
}
