package io.lodestone.server.call;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.lodestone.api.ErrorCode;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Refuses calls that insist on a leader ({@code hasleader: true}) while there is none, and ends
 * their streams once there has been none for a while, as etcd does. Thread-safe; {@link #tick} is
 * called by one timer thread, once in an election timeout.
 */
public final class LeaderInterceptor implements ServerInterceptor {
  private static final Metadata.Key<String> REQUIRES =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
  private static final int PATIENCE_TICKS = 3;

  private final LongSupplier leader;
  private final Set<Stream<?, ?>> streams = ConcurrentHashMap.newKeySet();
  private int ticksWithout;

  /** {@code leader} tells the leader's id, or 0. */
  public LeaderInterceptor(LongSupplier leader) {
    this.leader = leader;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!"true".equals(headers.get(REQUIRES))) {
      return next.startCall(call, headers);
    }
    if (leader.getAsLong() == 0) {
      call.close(ErrorCode.NO_LEADER.toStatus(), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (call.getMethodDescriptor().getType().clientSendsOneMessage()
        && call.getMethodDescriptor().getType().serverSendsOneMessage()) {
      return next.startCall(call, headers);
    }
    Stream<Q, A> stream = new Stream<>(call);
    streams.add(stream);
    return stream.listener(next.startCall(stream, headers));
  }

  /** Ends all streams at the third time in a row that there is no leader. */
  public void tick() {
    ticksWithout = leader.getAsLong() == 0 ? ticksWithout + 1 : 0;
    if (ticksWithout >= PATIENCE_TICKS) {
      streams.forEach(stream -> stream.end(ErrorCode.NO_LEADER.toStatus()));
    }
  }

  /** A stream that can be ended from outside; what its service still sends is then dropped. */
  private final class Stream<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Object lock = new Object();
    private boolean closed;
    private volatile boolean ended;

    private Stream(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      synchronized (lock) {
        if (!closed) {
          super.sendHeaders(headers);
        }
      }
    }

    @Override
    public void sendMessage(A message) {
      synchronized (lock) {
        if (!closed) {
          super.sendMessage(message);
        }
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      synchronized (lock) {
        if (!closed) {
          closed = true;
          super.close(status, trailers);
        }
      }
    }

    private void end(Status status) {
      ended = true;
      close(status, new Metadata());
    }

    /** To its service, being ended looks as if the client had gone. */
    private ServerCall.Listener<Q> listener(ServerCall.Listener<Q> service) {
      return new SimpleForwardingServerCallListener<>(service) {
        @Override
        public void onComplete() {
          streams.remove(Stream.this);
          if (ended) {
            super.onCancel();
          } else {
            super.onComplete();
          }
        }

        @Override
        public void onCancel() {
          streams.remove(Stream.this);
          super.onCancel();
        }
      };
    }
  }
}
