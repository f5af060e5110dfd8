package io.lodestone.client;

import com.google.common.base.Throwables;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.StoreException;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Turns the end of a failed call into an exception with a hint for people. */
final class CallFailures {
  private static final String PROPOSAL_DROPPED = "raft proposal dropped";

  private CallFailures() {}

  /**
   * @param what the attempt, for example {@code Range on http://127.0.0.1:2379}
   */
  static LodestoneException of(String what, Status status, Throwable cause) {
    Optional<ErrorCode> code = ErrorCode.of(status);
    if (code.isPresent()) {
      return refused(what, code.get(), cause);
    }
    return switch (isAbsence(status) ? Status.Code.INTERNAL : status.getCode()) {
      case UNAVAILABLE -> unreachable(what, status, cause);
      case DEADLINE_EXCEEDED ->
          new UnavailableException(
              what + " was not answered in time",
              "the member is overloaded, hangs or has lost its cluster: check it",
              false,
              cause);
      case INTERNAL, CANCELLED, ABORTED -> brokeOff(what, status, cause);
      case UNIMPLEMENTED ->
          new LodestoneException(
              what + " is not offered: " + status.getDescription(),
              "the server is too old for this, or is not an etcd v3 server",
              cause);
      default ->
          new LodestoneException(
              what + " failed: " + status.getCode() + " " + described(status),
              "the server's log may say more",
              cause);
    };
  }

  private static UnavailableException brokeOff(String what, Status status, Throwable cause) {
    return new UnavailableException(
        what + " broke off: " + status.getCode() + " " + described(status),
        "the member or the network between dropped it: try again",
        false,
        cause);
  }

  /**
   * What has no code of its own: the transport of a member that dies under a call, and etcd without
   * a leader.
   */
  private static boolean isAbsence(Status status) {
    return status.getCode() == Status.Code.UNKNOWN
        && (causeOf(status, IOException.class).isPresent()
            || described(status).contains(PROPOSAL_DROPPED));
  }

  /** True if the server does not know the method: it is older than it. */
  static boolean isUnimplemented(LodestoneException failure) {
    return failure.getCause() instanceof StatusRuntimeException call
        && call.getStatus().getCode() == Status.Code.UNIMPLEMENTED;
  }

  /** A watch that the server ended with {@code reason}. */
  static StoreException refused(String what, ErrorCode code, String reason) {
    return new StoreException(code, what + " was refused: " + reason, hint(code));
  }

  private static StoreException refused(String what, ErrorCode code, Throwable cause) {
    return new StoreException(code, what + " was refused: " + code.text(), hint(code), cause);
  }

  private static String hint(ErrorCode code) {
    return switch (code) {
      case AUTHENTICATION_FAILED -> "check the user's name and password";
      case USER_EMPTY -> "the cluster has authentication on: give a user and its password";
      case PERMISSION_DENIED ->
          "use a user with the root role: snapshots and hashes need it, watching everything needs"
              + " READ on all keys";
      case INVALID_AUTH_TOKEN, OLD_AUTH_REVISION ->
          "the login expired or users were changed: try again";
      case CORRUPT -> "the cluster has a CORRUPT alarm, which also is how a migration fences it";
      case NO_SPACE -> "compact and defragment the cluster, then disarm its NOSPACE alarm";
      case COMPACTED -> "ask for a newer revision, or begin with a new base";
      case NO_LEADER, LEADER_CHANGED, TIMEOUT, TIMEOUT_LEADER_FAILURE ->
          "the cluster is electing a leader or has lost its quorum: check its members";
      case NOT_SUPPORTED_FOR_LEARNER -> "name a voting member as endpoint";
      default -> "the server's log may say more";
    };
  }

  private static LodestoneException unreachable(String what, Status status, Throwable cause) {
    Optional<Throwable> tls = causeOf(status, SSLException.class, CertificateException.class);
    if (tls.isPresent()) {
      return new UnavailableException(
          what + " failed: TLS: " + rootMessage(tls.get()), tlsHint(tls.get()), true, cause);
    }
    boolean neverSent =
        causeOf(
                status,
                ConnectException.class,
                NoRouteToHostException.class,
                UnknownHostException.class)
            .isPresent();
    return new UnavailableException(
        what + " failed, the member is unreachable: " + described(status),
        "check the address, that the member runs, and whether it wants https:// or http://",
        neverSent,
        cause);
  }

  private static String tlsHint(Throwable failure) {
    String text = Throwables.getStackTraceAsString(failure);
    if (failure instanceof NotSslRecordException) {
      return "the member does not speak TLS: use http://";
    }
    if (text.contains("PKIX") || text.contains("unable to find valid certification path")) {
      return "the member's certificate is not signed by the given CA: check the CA file";
    }
    if (text.contains("subject alternative") || text.contains("No name matching")) {
      return "the certificate is for another name: use that name as endpoint or as server name";
    }
    return "check the CA, and whether the member wants a client certificate";
  }

  @SafeVarargs
  private static Optional<Throwable> causeOf(Status status, Class<? extends Throwable>... kinds) {
    if (status.getCause() == null) {
      return Optional.empty();
    }
    for (Throwable link : Throwables.getCausalChain(status.getCause())) {
      for (Class<? extends Throwable> kind : kinds) {
        if (kind.isInstance(link)) {
          return Optional.of(link);
        }
      }
    }
    return Optional.empty();
  }

  private static String described(Status status) {
    String said = status.getDescription() == null ? "" : status.getDescription();
    return status.getCause() == null ? said : said + ": " + rootMessage(status.getCause());
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = Throwables.getRootCause(failure);
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }
}
