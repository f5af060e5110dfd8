package io.lodestone.client;

import io.lodestone.api.LodestoneException;

/**
 * A member could not be reached, or did not answer in time; another member, or a later attempt, may
 * do better.
 */
public final class UnavailableException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  private final boolean neverSent;

  UnavailableException(String message, String hint, boolean neverSent, Throwable cause) {
    super(message, hint, cause);
    this.neverSent = neverSent;
  }

  /** True if the request certainly did not reach the member. Otherwise it may have been done. */
  public boolean neverSent() {
    return neverSent;
  }
}
