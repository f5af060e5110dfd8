package io.lodestone.raft.ratis;

import io.lodestone.raft.Peer;

/** Where the leader is, as far as is known here. */
sealed interface Route {
  Route NONE = new None();

  /** No leader, or one that is not ready. */
  record None() implements Route {}

  /** This member leads, with an entry of its term committed. */
  record Here(long term) implements Route {}

  /** Another one leads. */
  record There(long term, Peer leader) implements Route {}
}
