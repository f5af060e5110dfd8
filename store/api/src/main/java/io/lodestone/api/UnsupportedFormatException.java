package io.lodestone.api;

/**
 * Bytes from outside in a format, or a version of one, that this build does not know; usually they
 * are newer.
 */
public final class UnsupportedFormatException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  public UnsupportedFormatException(String message, String hint) {
    super(message, hint);
  }

  public UnsupportedFormatException(String message, String hint, Throwable cause) {
    super(message, hint, cause);
  }
}
