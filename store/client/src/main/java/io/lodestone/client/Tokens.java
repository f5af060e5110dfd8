package io.lodestone.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The login of a connection: puts the current token on every call, and forgets it when a server
 * rejects it, so that the next call logs in again. Simple tokens expire after minutes without use,
 * die with the member that keeps them, and every change of a user or role ages them. Thread-safe.
 */
final class Tokens implements ClientInterceptor {
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

  /** What a server says to a token that a new login would replace. */
  private static final Set<ErrorCode> STALE =
      EnumSet.of(ErrorCode.INVALID_AUTH_TOKEN, ErrorCode.OLD_AUTH_REVISION, ErrorCode.USER_EMPTY);

  private final Supplier<String> login;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private Optional<String> current = Optional.empty();

  /**
   * @param login logs in and returns a token; the empty string where the cluster has authentication
   *     off
   */
  Tokens(Supplier<String> login) {
    this.login = login;
  }

  /** True if {@code code} is cured by repeating the call with a new token. */
  static boolean isStale(ErrorCode code) {
    return STALE.contains(code);
  }

  private String current() {
    synchronized (lock) {
      if (current.isPresent()) {
        return current.get();
      }
    }
    String fresh = login.get();
    synchronized (lock) {
      current = Optional.of(fresh);
    }
    return fresh;
  }

  /** Drops the current token whatever it is. */
  void forget() {
    synchronized (lock) {
      current = Optional.empty();
    }
  }

  private void forget(String rejected) {
    synchronized (lock) {
      current = current.filter(token -> !token.equals(rejected));
    }
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    String token = current();
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        if (!token.isEmpty()) {
          headers.put(TOKEN, token);
        }
        super.start(watchfulFor(token, listener), headers);
      }
    };
  }

  private <A> ClientCall.Listener<A> watchfulFor(String token, ClientCall.Listener<A> listener) {
    return new SimpleForwardingClientCallListener<>(listener) {
      @Override
      public void onClose(Status status, Metadata trailers) {
        if (ErrorCode.of(status).filter(Tokens::isStale).isPresent()) {
          forget(token);
        }
        super.onClose(status, trailers);
      }
    };
  }
}
