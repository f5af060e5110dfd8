package io.lodestone.api;

/** A store refused a request, for a reason of etcd's catalogue. */
public final class StoreException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  /** The message is the catalogue's text and nothing else, as a server sends it. */
  public StoreException(ErrorCode code) {
    this(code, code.text(), "");
  }

  public StoreException(ErrorCode code, String message, String hint) {
    super(message, hint);
    this.code = code;
  }

  public StoreException(ErrorCode code, String message, String hint, Throwable cause) {
    super(message, hint, cause);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }
}
