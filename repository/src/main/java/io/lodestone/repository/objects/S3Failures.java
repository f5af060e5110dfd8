package io.lodestone.repository.objects;

import io.lodestone.api.LodestoneException;

/** What an S3 server's refusal means to a person; shared by both clients. Never shows secrets. */
final class S3Failures {
  static final int NOT_FOUND = 404;
  static final int CONFLICT = 409;
  static final int PRECONDITION_FAILED = 412;
  private static final int REDIRECTION = 300;
  private static final int SERVER_ERROR = 500;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int REQUEST_TIMEOUT = 408;

  private S3Failures() {}

  /** Completing a multipart upload may fail inside an answer that began as a success. */
  static boolean isPreconditionFailed(int status, String code) {
    return status == PRECONDITION_FAILED || "PreconditionFailed".equals(code);
  }

  /**
   * An upload that is gone was completed by a request whose answer was lost, or thrown away by a
   * rule of the bucket: repeating the whole call is right in both cases.
   */
  private static boolean isTransient(int status, String code) {
    return status >= SERVER_ERROR
        || status < REDIRECTION
        || "NoSuchUpload".equals(code)
        || status == TOO_MANY_REQUESTS
        || status == REQUEST_TIMEOUT
        || status == CONFLICT;
  }

  /**
   * The failure to throw for an answer of the server.
   *
   * @param action what was tried, for example {@code read log/1 of s3://bucket}
   * @param code S3's error code, empty where there was none
   */
  static LodestoneException refused(String action, int status, String code, Exception cause) {
    String message = "cannot " + action + ": the server answered " + status + " " + code;
    if (isTransient(status, code)) {
      return new UnreachableStoreException(message, "wait, and try again", cause);
    }
    return new RefusedStoreException(message.strip(), hint(code, status), cause);
  }

  /**
   * @param otherwise how else this client finds credentials, to be appended to the hint
   */
  static LodestoneException noCredentials(String action, String otherwise, Exception cause) {
    return new RefusedStoreException(
        "cannot " + action + ": no credentials were found",
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" + otherwise,
        cause);
  }

  static UnreachableStoreException unreachable(String action, Exception cause) {
    return new UnreachableStoreException(
        "cannot " + action + ": the server does not answer (" + cause.getMessage() + ")",
        "check the endpoint, the network and whether the server runs with TLS or without",
        cause);
  }

  private static String hint(String code, int status) {
    return switch (code) {
      case "NoSuchBucket" -> "create the bucket, or correct its name";
      case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidSecurity" ->
          "check the access key and the secret key";
      case "ExpiredToken", "TokenRefreshRequired" ->
          "these credentials have expired: get new ones, and have them read again";
      case "AccessDenied" ->
          "check the keys, and that they may list, read, write and delete in this bucket";
      case "RequestTimeTooSkewed" -> "set this machine's clock";
      case "NotImplemented" ->
          "this server lacks conditional writes (If-None-Match), without which two writers cannot be"
              + " kept apart; use another store";
      case "XAmzContentSHA256Mismatch" ->
          "if this server does not know checksums that follow the body, as Ceph 16 does not, add"
              + " checksums=false to the address";
      default ->
          status == 403
              ? "check the keys, and that they may list, read, write and delete in this bucket"
              : "look the code up in the server's documentation";
    };
  }
}
