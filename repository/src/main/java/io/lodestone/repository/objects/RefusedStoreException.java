package io.lodestone.repository.objects;

import io.lodestone.api.LodestoneException;

/**
 * The store answered that it will not: the keys are wrong, have expired or may not do that, the
 * bucket is not there. Nothing was applied, and nothing is known about the object.
 */
public final class RefusedStoreException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  public RefusedStoreException(String message, String hint, Throwable cause) {
    super(message, hint, cause);
  }
}
