package io.lodestone.server.watch;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;

/** Why a watch is not created, in etcd's words. */
final class Refusals {
  static final String DUPLICATE_ID = "mvcc: duplicate watch ID provided on the WatchStream";
  static final String EMPTY_RANGE = "mvcc: watcher range is empty";
  static final String NEGATIVE_START = ErrorCode.COMPACTED.text();

  private Refusals() {}

  /** As Go prints a gRPC status; what is not about the login is told as a missing permission. */
  static String of(StoreException refusal) {
    return switch (refusal.code()) {
      case INVALID_AUTH_TOKEN -> reason("Unauthenticated", ErrorCode.INVALID_AUTH_TOKEN);
      case OLD_AUTH_REVISION -> reason("InvalidArgument", ErrorCode.OLD_AUTH_REVISION);
      case USER_EMPTY -> reason("InvalidArgument", ErrorCode.USER_EMPTY);
      default -> reason("PermissionDenied", ErrorCode.PERMISSION_DENIED);
    };
  }

  private static String reason(String status, ErrorCode code) {
    return "rpc error: code = " + status + " desc = " + code.text();
  }
}
