package io.lodestone.raft;

/** A checkpoint of the state that is being sent, received or taken over. */
@FunctionalInterface
public interface Passage {
  /** One whose end nobody wants to know. */
  Passage UNHEEDED = whole -> {};

  /** It is over; {@code whole} where all of it came through. Must return at once. */
  void ended(boolean whole);
}
