package io.lodestone.api;

import io.grpc.Status;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The failures that an etcd server tells its clients: the gRPC status and the exact text, which
 * clients compare. Where versions differ in the status, it is that of etcd 3.5; lookup goes by the
 * text, so the other versions' answers are found as well.
 */
public enum ErrorCode {
  EMPTY_KEY(Status.Code.INVALID_ARGUMENT, "etcdserver: key is not provided"),
  KEY_NOT_FOUND(Status.Code.INVALID_ARGUMENT, "etcdserver: key not found"),
  VALUE_PROVIDED(Status.Code.INVALID_ARGUMENT, "etcdserver: value is provided"),
  LEASE_PROVIDED(Status.Code.INVALID_ARGUMENT, "etcdserver: lease is provided"),
  TTL_ZERO(Status.Code.INVALID_ARGUMENT, "etcdserver: ttl is 0"),
  TOO_MANY_OPERATIONS(
      Status.Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request"),
  DUPLICATE_KEY(Status.Code.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request"),
  INVALID_CLIENT_API_VERSION(
      Status.Code.INVALID_ARGUMENT, "etcdserver: invalid client api version"),
  INVALID_SORT_OPTION(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid sort option"),
  COMPACTED(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
  FUTURE_REVISION(
      Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
  NO_SPACE(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),

  LEASE_NOT_FOUND(Status.Code.NOT_FOUND, "etcdserver: requested lease not found"),
  LEASE_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: lease already exists"),
  LEASE_TTL_TOO_LARGE(Status.Code.OUT_OF_RANGE, "etcdserver: too large lease TTL"),
  WATCH_CANCELED(Status.Code.CANCELLED, "etcdserver: watch canceled"),

  MEMBER_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: member ID already exist"),
  PEER_URL_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: Peer URLs already exists"),
  NOT_ENOUGH_STARTED_MEMBERS(
      Status.Code.FAILED_PRECONDITION,
      "etcdserver: re-configuration failed due to not enough started members"),
  BAD_MEMBER_URLS(Status.Code.INVALID_ARGUMENT, "etcdserver: given member URLs are invalid"),
  MEMBER_NOT_FOUND(Status.Code.NOT_FOUND, "etcdserver: member not found"),
  MEMBER_NOT_LEARNER(
      Status.Code.FAILED_PRECONDITION, "etcdserver: can only promote a learner member"),
  LEARNER_NOT_READY(
      Status.Code.FAILED_PRECONDITION,
      "etcdserver: can only promote a learner member which is in sync with leader"),
  TOO_MANY_LEARNERS(
      Status.Code.FAILED_PRECONDITION, "etcdserver: too many learner members in cluster"),
  CLUSTER_ID_MISMATCH(Status.Code.FAILED_PRECONDITION, "etcdserver: cluster ID mismatch"),

  REQUEST_TOO_LARGE(Status.Code.INVALID_ARGUMENT, "etcdserver: request is too large"),
  TOO_MANY_REQUESTS(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: too many requests"),

  ROOT_USER_NOT_FOUND(Status.Code.FAILED_PRECONDITION, "etcdserver: root user does not exist"),
  ROOT_ROLE_MISSING(
      Status.Code.FAILED_PRECONDITION, "etcdserver: root user does not have root role"),
  USER_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: user name already exists"),
  USER_EMPTY(Status.Code.INVALID_ARGUMENT, "etcdserver: user name is empty"),
  USER_NOT_FOUND(Status.Code.FAILED_PRECONDITION, "etcdserver: user name not found"),
  ROLE_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: role name already exists"),
  ROLE_NOT_FOUND(Status.Code.FAILED_PRECONDITION, "etcdserver: role name not found"),
  ROLE_EMPTY(Status.Code.INVALID_ARGUMENT, "etcdserver: role name is empty"),
  AUTHENTICATION_FAILED(
      Status.Code.INVALID_ARGUMENT,
      "etcdserver: authentication failed, invalid user ID or password"),
  PERMISSION_NOT_GIVEN(Status.Code.INVALID_ARGUMENT, "etcdserver: permission not given"),
  PERMISSION_DENIED(Status.Code.PERMISSION_DENIED, "etcdserver: permission denied"),
  ROLE_NOT_GRANTED(Status.Code.FAILED_PRECONDITION, "etcdserver: role is not granted to the user"),
  PERMISSION_NOT_GRANTED(
      Status.Code.FAILED_PRECONDITION, "etcdserver: permission is not granted to the role"),
  AUTH_NOT_ENABLED(Status.Code.FAILED_PRECONDITION, "etcdserver: authentication is not enabled"),
  INVALID_AUTH_TOKEN(Status.Code.UNAUTHENTICATED, "etcdserver: invalid auth token"),
  INVALID_AUTH_MANAGEMENT(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid auth management"),
  OLD_AUTH_REVISION(Status.Code.INVALID_ARGUMENT, "etcdserver: revision of auth store is old"),
  NO_PASSWORD_USER(
      Status.Code.UNKNOWN, "auth: authentication failed, password was given for no password user"),
  TOKEN_VERIFY_ONLY(Status.Code.UNKNOWN, "auth: token signing attempted with verify-only key"),
  PASSWORD_TOO_LONG(Status.Code.UNKNOWN, "bcrypt: password length exceeds 72 bytes"),

  NO_LEADER(Status.Code.UNAVAILABLE, "etcdserver: no leader"),
  NOT_LEADER(Status.Code.FAILED_PRECONDITION, "etcdserver: not leader"),
  LEADER_CHANGED(Status.Code.UNAVAILABLE, "etcdserver: leader changed"),
  NOT_CAPABLE(Status.Code.UNAVAILABLE, "etcdserver: not capable"),
  STOPPED(Status.Code.UNAVAILABLE, "etcdserver: server stopped"),
  /** Lodestone's own: stock etcd ends where its disk is full. */
  DISK_FULL(Status.Code.UNAVAILABLE, "etcdserver: no space left on device"),
  TIMEOUT(Status.Code.UNAVAILABLE, "etcdserver: request timed out"),
  TIMEOUT_LEADER_FAILURE(
      Status.Code.UNAVAILABLE,
      "etcdserver: request timed out, possibly due to previous leader failure"),
  TIMEOUT_CONNECTION_LOST(
      Status.Code.UNAVAILABLE, "etcdserver: request timed out, possibly due to connection lost"),
  TIMEOUT_APPLIED_INDEX(
      Status.Code.UNAVAILABLE,
      "etcdserver: request timed out, waiting for the applied index took too long"),
  UNHEALTHY(Status.Code.UNAVAILABLE, "etcdserver: unhealthy cluster"),
  CORRUPT(Status.Code.DATA_LOSS, "etcdserver: corrupt cluster"),
  NOT_SUPPORTED_FOR_LEARNER(Status.Code.UNAVAILABLE, "etcdserver: rpc not supported for learner"),
  BAD_LEADER_TRANSFEREE(Status.Code.FAILED_PRECONDITION, "etcdserver: bad leader transferee"),

  CLUSTER_VERSION_UNAVAILABLE(
      Status.Code.UNAVAILABLE, "etcdserver: cluster version not found during downgrade"),
  WRONG_DOWNGRADE_VERSION_FORMAT(
      Status.Code.INVALID_ARGUMENT, "etcdserver: wrong downgrade target version format"),
  INVALID_DOWNGRADE_TARGET_VERSION(
      Status.Code.INVALID_ARGUMENT, "etcdserver: invalid downgrade target version"),
  DOWNGRADE_IN_PROCESS(
      Status.Code.FAILED_PRECONDITION, "etcdserver: cluster has a downgrade job in progress"),
  NO_INFLIGHT_DOWNGRADE(Status.Code.FAILED_PRECONDITION, "etcdserver: no inflight downgrade job"),

  CANCELED(Status.Code.CANCELLED, "etcdserver: request canceled"),
  DEADLINE_EXCEEDED(Status.Code.DEADLINE_EXCEEDED, "etcdserver: context deadline exceeded");

  /** How some requests on 3.4 and 3.5 are answered instead, with status UNKNOWN. */
  private static final Map<String, ErrorCode> UNMAPPED =
      Map.of(
          "auth: revision in header is old", OLD_AUTH_REVISION,
          "auth: permission denied", PERMISSION_DENIED,
          "auth: invalid auth token", INVALID_AUTH_TOKEN,
          "auth: user name is empty", USER_EMPTY);

  private static final Map<String, ErrorCode> BY_TEXT =
      Arrays.stream(values()).collect(Collectors.toMap(ErrorCode::text, Function.identity()));

  private final Status.Code status;
  private final String text;

  ErrorCode(Status.Code status, String text) {
    this.status = status;
    this.text = text;
  }

  public Status.Code status() {
    return status;
  }

  /** What the server says, to the letter, for example {@code etcdserver: no leader}. */
  public String text() {
    return text;
  }

  public Status toStatus() {
    return status.toStatus().withDescription(text);
  }

  /** The entry that says exactly {@code text}; empty for words that no etcd server uses. */
  public static Optional<ErrorCode> ofText(String text) {
    return Optional.ofNullable(BY_TEXT.getOrDefault(text, UNMAPPED.get(text)));
  }

  /** The entry a call's status stands for; empty if the failure is not one of etcd's own. */
  public static Optional<ErrorCode> of(Status status) {
    return Optional.ofNullable(status.getDescription()).flatMap(ErrorCode::ofText);
  }
}
