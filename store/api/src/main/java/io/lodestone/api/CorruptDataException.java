package io.lodestone.api;

/**
 * Bytes from outside that contradict their own format: a bad checksum, an impossible length, a
 * loop.
 */
public final class CorruptDataException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  public CorruptDataException(String message, String hint) {
    super(message, hint);
  }

  public CorruptDataException(String message, String hint, Throwable cause) {
    super(message, hint, cause);
  }
}
