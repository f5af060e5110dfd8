package io.lodestone.server.config;

import io.lodestone.api.LodestoneException;

/** A store was told something that it cannot do. */
public final class InvalidConfigException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  InvalidConfigException(String message, String hint) {
    super(message, hint);
  }

  InvalidConfigException(String message, String hint, Throwable cause) {
    super(message, hint, cause);
  }
}
