package io.lodestone.conformance.requests;

/** What a run is made of, bound to one pair of servers. */
interface Game {

  /** Plays once, before anything else. */
  default void open(Duel duel) throws InterruptedException {}

  /** Plays the next turn. */
  void turn(Duel duel) throws InterruptedException;

  /**
   * Whether the next turns still tell something after a difference that left keys and leases equal.
   */
  default boolean goesOnAfterDifference() {
    return true;
  }

  /** Compares what is still open. */
  default void finish(Duel duel) throws InterruptedException {}
}
