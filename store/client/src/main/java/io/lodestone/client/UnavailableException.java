package io.lodestone.client;

import io.grpc.Status;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;

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

  /**
   * Whether {@code failure} says no more than that a member, or its cluster, is away for now; what
   * was asked for may have been done.
   */
  public static boolean isAbsence(LodestoneException failure) {
    return failure instanceof UnavailableException
        || (failure instanceof StoreException refused
            && refused.code().status() == Status.Code.UNAVAILABLE);
  }
}
