package io.lodestone.client;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The answers of a streaming call, pulled by one thread. At most {@code prefetch} wait in memory;
 * beyond that HTTP/2 flow control holds the server back.
 */
final class Inbound<Q, A> implements AutoCloseable {
  private final String what;
  private final ClientCall<Q, A> call;
  private final BlockingQueue<Arrival<A>> arrivals = new LinkedBlockingQueue<>();
  private final int batch;
  private int taken;
  private boolean over;

  private sealed interface Arrival<A> {}

  private record Answer<A>(A message) implements Arrival<A> {}

  private record Closed<A>(Status status) implements Arrival<A> {}

  private Inbound(String what, ClientCall<Q, A> call, int prefetch) {
    this.what = what;
    this.call = call;
    this.batch = (prefetch + 1) / 2;
  }

  /** Starts {@code call}; the caller still has to send its requests. */
  static <Q, A> Inbound<Q, A> start(String what, ClientCall<Q, A> call, int prefetch) {
    Inbound<Q, A> inbound = new Inbound<>(what, call, prefetch);
    call.start(inbound.new Listener(), new Metadata());
    call.request(prefetch);
    return inbound;
  }

  void send(Q request) {
    call.sendMessage(request);
  }

  void halfClose() {
    call.halfClose();
  }

  /**
   * The next answer; empty if none came within {@code maxWait} or the stream is {@link #isOver}.
   * Fails as the call failed.
   */
  Optional<A> poll(Duration maxWait) throws InterruptedException {
    if (over) {
      return Optional.empty();
    }
    Arrival<A> arrival = arrivals.poll(maxWait.toNanos(), TimeUnit.NANOSECONDS);
    if (arrival instanceof Answer<A> answer) {
      requestMore();
      return Optional.of(answer.message());
    }
    if (arrival instanceof Closed<A> closed) {
      over = true;
      if (!closed.status().isOk()) {
        throw CallFailures.of(what, closed.status(), closed.status().asRuntimeException());
      }
    }
    return Optional.empty();
  }

  /** Several at once, since each time wakes the transport's thread. */
  private void requestMore() {
    taken++;
    if (taken == batch) {
      call.request(batch);
      taken = 0;
    }
  }

  /** True once the server has ended the stream without a failure and all of it was polled. */
  boolean isOver() {
    return over;
  }

  @Override
  public void close() {
    call.cancel("no longer needed", null);
  }

  private final class Listener extends ClientCall.Listener<A> {
    @Override
    public void onMessage(A message) {
      arrivals.add(new Answer<>(message));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      arrivals.add(new Closed<>(status));
    }
  }
}
