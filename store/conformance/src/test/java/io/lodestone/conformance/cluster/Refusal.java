package io.lodestone.conformance.cluster;

import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import java.util.Set;

/** What a refused call says about who asked. */
enum Refusal {
  /** The user may not do this. */
  DENIED,
  /** The token is not known, or of users that have changed: nothing was done, log in again. */
  STALE,
  /** Nothing that a member that is hurt would not say: it may have happened. */
  OPEN,
  /** Nobody should be told this. */
  SURPRISE;

  private static final Set<String> STALE_TEXTS =
      Set.of(ErrorCode.INVALID_AUTH_TOKEN.text(), ErrorCode.OLD_AUTH_REVISION.text());
  private static final Set<Status.Code> OPEN_CODES =
      Set.of(
          Status.Code.UNAVAILABLE,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.CANCELLED,
          Status.Code.RESOURCE_EXHAUSTED);

  /**
   * Of stock etcd while leadership moves, of one of its members that was removed, and of gRPC where
   * a connection ends just before a call.
   */
  private static final Set<String> OPEN_TEXTS =
      Set.of("raft proposal dropped", "raft: stopped", "channel closed");

  static Refusal of(Status status) {
    if (ErrorCode.PERMISSION_DENIED.text().equals(status.getDescription())) {
      return DENIED;
    }
    if (STALE_TEXTS.contains(String.valueOf(status.getDescription()))) {
      return STALE;
    }
    boolean open =
        OPEN_CODES.contains(status.getCode())
            || OPEN_TEXTS.contains(String.valueOf(status.getDescription()));
    return open ? OPEN : SURPRISE;
  }
}
