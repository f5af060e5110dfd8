package io.lodestone.settings;

import io.lodestone.api.LodestoneException;

/** A program was told something that it cannot do; nothing was begun. */
public final class InvalidConfigException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  public InvalidConfigException(String message, String hint) {
    super(message, hint);
  }

  public InvalidConfigException(String message, String hint, Throwable cause) {
    super(message, hint, cause);
  }
}
