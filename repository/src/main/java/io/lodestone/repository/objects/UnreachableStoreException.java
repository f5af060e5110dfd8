package io.lodestone.repository.objects;

import io.lodestone.api.LodestoneException;

/**
 * The store did not answer, or answered that it cannot now, also after retries. Whether the call
 * was applied is unknown; repeating it later is right.
 */
public final class UnreachableStoreException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  public UnreachableStoreException(String message, String hint, Throwable cause) {
    super(message, hint, cause);
  }
}
