package io.lodestone.migrate;

import java.io.IOException;

/** Stops the writes on a cluster for a while. Both methods may be repeated. */
interface Fence {

  /** Looks up what raising it needs, and fails where it could not be raised. Changes nothing. */
  void prepare();

  /** When this returns, the cluster's revision is its last. Fails where it goes on moving. */
  void raise() throws IOException, InterruptedException;

  /** When this returns, the cluster takes writes as before. */
  void lower() throws IOException, InterruptedException;

  /** Whether nobody at all can write behind the fence, we no more than others. */
  boolean stopsReplay();
}
