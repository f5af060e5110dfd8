package io.lodestone.client.lockstep;

import io.lodestone.api.LodestoneException;

/**
 * The cluster that is replayed into is not at the revision at which the replay left it: somebody
 * else wrote, or a lease expired. It cannot go on; what it holds is left as it is.
 */
public final class DivergedException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  DivergedException(String message) {
    super(
        message,
        "keep every other client away from the destination, then seed it anew: a revision that"
            + " others used up cannot be taken back");
  }
}
