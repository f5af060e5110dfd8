package io.lodestone.client.lockstep;

import java.io.IOException;

/**
 * Is told how a base is forged, on the replaying thread. What it throws ends the replay, which can
 * go on later.
 */
public interface ForgeListener {

  /** Nothing was written so far. */
  void begins(ForgeCost cost) throws IOException;

  /** Called often: the destination is at {@code revision} of {@code target}. */
  void at(long revision, long target) throws IOException;
}
