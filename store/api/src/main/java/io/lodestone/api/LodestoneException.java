package io.lodestone.api;

/**
 * A failure that a person has to do something about. The message says what was attempted on what,
 * with which numbers; the hint says what to do next. Programs print both and exit non-zero.
 */
public class LodestoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String hint;

  public LodestoneException(String message, String hint) {
    super(message);
    this.hint = hint;
  }

  public LodestoneException(String message, String hint, Throwable cause) {
    super(message, cause);
    this.hint = hint;
  }

  public String hint() {
    return hint;
  }
}
