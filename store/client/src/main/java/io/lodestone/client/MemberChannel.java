package io.lodestone.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A channel to one member that can be told to try at once. gRPC waits up to minutes between
 * attempts to connect and answers with the last failure meanwhile, even while it tries again; to
 * send a channel back to idleness instead is no way out: a call that begins at the same moment
 * fails with an {@link IllegalStateException} (grpc-java 1.85). Thread-safe.
 */
final class MemberChannel extends Channel {
  private final Supplier<ManagedChannel> opener;
  private volatile ManagedChannel current;

  /** Calls that began just before it was replaced hear its last failure, not that it is closed. */
  @GuardedBy("this")
  private Optional<ManagedChannel> replaced = Optional.empty();

  @GuardedBy("this")
  private boolean closed;

  /**
   * @param opener makes a channel that connects on first use
   */
  MemberChannel(Supplier<ManagedChannel> opener) {
    this.opener = opener;
    this.current = opener.get();
  }

  /** As far as is known without an attempt. */
  boolean isUnreachable() {
    return current.getState(false) == ConnectivityState.TRANSIENT_FAILURE;
  }

  /** The next call connects anew where the last attempt to connect failed. */
  void revive() {
    if (isUnreachable()) {
      replace();
    }
  }

  private synchronized void replace() {
    if (closed || !isUnreachable()) {
      return; // another thread was first
    }
    replaced.ifPresent(ManagedChannel::shutdown);
    replaced = Optional.of(current);
    current = opener.get();
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    return current.newCall(method, options);
  }

  @Override
  public String authority() {
    return current.authority();
  }

  /** Calls that are under way fail. */
  synchronized void close() {
    closed = true;
    replaced.ifPresent(ManagedChannel::shutdownNow);
    current.shutdownNow();
  }
}
