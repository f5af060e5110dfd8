package io.lodestone.raft;

/** Why something was not agreed upon. */
public final class ConsensusException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What a caller tells apart. */
  public enum Reason {
    /** There was none until the time was up; nothing was proposed. */
    NO_LEADER,
    /** The time was up; what was proposed may have been applied, or may be later. */
    TIMED_OUT,
    /** This member no longer takes part. */
    STOPPED,
    /** Too much waits for an answer already; nothing was proposed. */
    TOO_MANY_REQUESTS,
    /** Another change of members, or another transfer, is under way. */
    CHANGE_IN_PROGRESS,
    /** A new member does not catch up or cannot be reached; the members stay as they were. */
    NO_PROGRESS,
    /** The leader will not do it, for the reason in the message. */
    REFUSED
  }

  private final Reason reason;

  public ConsensusException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public ConsensusException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
