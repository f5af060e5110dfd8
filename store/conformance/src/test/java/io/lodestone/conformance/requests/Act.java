package io.lodestone.conformance.requests;

/** One turn of a run: a call, or a few that belong together. */
@FunctionalInterface
interface Act {
  void play(Duel duel) throws InterruptedException;
}
