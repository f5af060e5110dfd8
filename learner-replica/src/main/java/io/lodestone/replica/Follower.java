package io.lodestone.replica;

import io.lodestone.mvcc.Engine;
import java.io.IOException;
import java.time.Instant;

/**
 * A way to keep a copy what its source is. Owns the data directory's engines and their order;
 * confined to one thread, but for {@link #stop}.
 */
interface Follower {

  /** Who serves what the follower keeps. Called on its thread. */
  interface Audience {
    /**
     * From now on {@code engine} is what is followed; nothing was applied to it since it was
     * opened. Closes the one before.
     */
    void replaced(Engine engine) throws IOException;

    /** Everything up to {@code revision} is visible. */
    void reached(long revision);

    /** The copy was what the source was at {@code moment}. */
    void current(Instant moment);
  }

  /** Opens what an earlier run has left, if any. */
  void resume() throws IOException;

  /** Follows until {@link #stop}; any failure is for a person to see. */
  void run() throws IOException, InterruptedException;

  /** Makes {@link #run} end soon. */
  void stop();
}
