package io.lodestone.api;

/** Bytes from outside that stop before their format says they may. */
public final class TruncatedDataException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  public TruncatedDataException(String message, String hint) {
    super(message, hint);
  }

  public TruncatedDataException(String message, String hint, Throwable cause) {
    super(message, hint, cause);
  }
}
