package io.lodestone.server.call;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.lodestone.api.ErrorCode;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * Lets a call with a token of another member's wait until this one has applied the login that the
 * token comes from, as etcd does: a token is good everywhere as soon as its owner has it.
 * Thread-safe; to be called behind {@link CallerInterceptor}.
 */
public final class TokenInterceptor implements ServerInterceptor {
  private static final long LOOK_MILLIS = 2;

  private final ToLongFunction<String> needed;
  private final LongSupplier applied;
  private final Duration patience;
  private final ScheduledExecutorService timer;

  /**
   * @param needed the index of the log that a token needs
   * @param applied the index that this member has applied
   * @param patience after so long the token is judged by what is known
   * @param timer starts calls that had to wait
   */
  public TokenInterceptor(
      ToLongFunction<String> needed,
      LongSupplier applied,
      Duration patience,
      ScheduledExecutorService timer) {
    this.needed = needed;
    this.applied = applied;
    this.patience = patience;
    this.timer = timer;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    long index = Caller.current().token().map(needed::applyAsLong).orElse(0L);
    if (isApplied(index)) {
      return next.startCall(call, headers);
    }
    Later<Q> later = new Later<>();
    Runnable start = () -> later.start(next.startCall(call, headers));
    look(call, index, System.nanoTime() + patience.toNanos(), Context.current().wrap(start));
    return later;
  }

  private boolean isApplied(long index) {
    return Long.compareUnsigned(index, applied.getAsLong()) <= 0;
  }

  private void look(ServerCall<?, ?> call, long index, long deadlineNanos, Runnable start) {
    if (isApplied(index) || System.nanoTime() - deadlineNanos >= 0) {
      start.run();
      return;
    }
    try {
      var unused =
          timer.schedule(
              () -> look(call, index, deadlineNanos, start), LOOK_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      call.close(ErrorCode.STOPPED.toStatus(), new Metadata());
    }
  }

  /** Keeps what comes before the call is started, and then passes on one thing at a time. */
  private static final class Later<Q> extends ServerCall.Listener<Q> {
    private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();

    /** One more than there are events until the start. */
    private final AtomicInteger waiting = new AtomicInteger(1);

    private volatile ServerCall.Listener<Q> started;

    private void start(ServerCall.Listener<Q> service) {
      started = service;
      while (waiting.decrementAndGet() > 0) {
        events.remove().run();
      }
    }

    private void add(Runnable event) {
      events.add(event);
      if (waiting.getAndIncrement() > 0) {
        return;
      }
      do {
        events.remove().run();
      } while (waiting.decrementAndGet() > 0);
    }

    @Override
    public void onMessage(Q message) {
      add(() -> started.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      add(() -> started.onHalfClose());
    }

    @Override
    public void onCancel() {
      add(() -> started.onCancel());
    }

    @Override
    public void onComplete() {
      add(() -> started.onComplete());
    }

    @Override
    public void onReady() {
      add(() -> started.onReady());
    }
  }
}
