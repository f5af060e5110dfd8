package io.lodestone.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
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
  private volatile Generation current;

  /** Calls that began just before it was replaced hear its last failure, not that it is closed. */
  @GuardedBy("this")
  private Optional<Generation> replaced = Optional.empty();

  @GuardedBy("this")
  private boolean closed;

  /**
   * @param opener makes a channel that connects on first use
   */
  MemberChannel(Supplier<ManagedChannel> opener) {
    this.opener = opener;
    this.current = new Generation(opener.get());
  }

  /** As far as is known without an attempt. */
  boolean isUnreachable() {
    return current.channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE;
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
    replaced.ifPresent(Generation::retire);
    replaced = Optional.of(current);
    current = new Generation(opener.get());
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    Generation taken = take();
    return new SimpleForwardingClientCall<>(taken.channel.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        try {
          super.start(listener, headers);
        } finally {
          taken.started();
        }
      }
    };
  }

  /** Under the lock, so that it is not retired between. */
  private synchronized Generation take() {
    current.taken();
    return current;
  }

  @Override
  public String authority() {
    return current.channel.authority();
  }

  /** Calls that are under way fail. */
  synchronized void close() {
    closed = true;
    replaced.ifPresent(generation -> generation.channel.shutdownNow());
    current.channel.shutdownNow();
  }

  /** One channel, which stays open until every call that has taken it is started. */
  private static final class Generation {
    private final ManagedChannel channel;

    @GuardedBy("this")
    private int toStart;

    @GuardedBy("this")
    private boolean retired;

    Generation(ManagedChannel channel) {
      this.channel = channel;
    }

    synchronized void taken() {
      toStart++;
    }

    synchronized void started() {
      toStart--;
      shutDownIfUnused();
    }

    synchronized void retire() {
      retired = true;
      shutDownIfUnused();
    }

    @GuardedBy("this")
    private void shutDownIfUnused() {
      if (retired && toStart == 0) {
        channel.shutdown();
      }
    }
  }
}
