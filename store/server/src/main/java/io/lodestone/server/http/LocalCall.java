package io.lodestone.server.http;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * A gRPC call that comes from inside this process. The caller's side ({@link #receive}, {@link
 * #halfClose}, {@link #cancel}, {@link #writable}) is confined to its event loop; the method may
 * answer from any thread.
 */
final class LocalCall<Q, A> extends ServerCall<Q, A> {
  /** Where the answers go. Any thread. */
  interface Answers<A> {
    void message(A response);

    /** Nothing follows. */
    void end(Status status);

    /** The client takes more now. */
    boolean isReady();

    /** Runs {@code task} on the event loop. */
    void onEventLoop(Runnable task);
  }

  private final Rpc<Q, A> rpc;
  private final Answers<A> answers;
  private final Queue<Q> waiting = new ArrayDeque<>();
  private ServerCall.Listener<Q> method = new ServerCall.Listener<>() {};
  private int requested;
  private boolean halfClosed;
  private boolean delivering;
  private volatile boolean closed;
  private volatile boolean cancelled;

  LocalCall(Rpc<Q, A> rpc, Answers<A> answers) {
    this.rpc = rpc;
    this.answers = answers;
  }

  void start(Metadata headers) {
    method = rpc.start(this, headers);
    method.onReady();
  }

  void receive(Q message) {
    waiting.add(message);
    deliver();
  }

  /** No further message will come. */
  void halfClose() {
    halfClosed = true;
    deliver();
  }

  /** The client has gone. */
  void cancel() {
    if (!closed && !cancelled) {
      cancelled = true;
      method.onCancel();
    }
  }

  void writable() {
    if (!closed && !cancelled) {
      method.onReady();
    }
  }

  /** Messages are handed over one by one, and only as many as were asked for. */
  private void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    while (!cancelled && requested > 0 && !waiting.isEmpty()) {
      requested--;
      method.onMessage(waiting.remove());
    }
    if (!cancelled && halfClosed && waiting.isEmpty()) {
      halfClosed = false;
      method.onHalfClose();
    }
    delivering = false;
  }

  @Override
  public void request(int messages) {
    answers.onEventLoop(
        () -> {
          requested += messages;
          deliver();
        });
  }

  @Override
  public void sendHeaders(Metadata headers) {}

  @Override
  public void sendMessage(A message) {
    if (!closed && !cancelled) {
      answers.message(message);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!closed && !cancelled) {
      closed = true;
      answers.end(status);
      answers.onEventLoop(method::onComplete);
    }
  }

  @Override
  public boolean isReady() {
    return !closed && answers.isReady();
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public MethodDescriptor<Q, A> getMethodDescriptor() {
    return rpc.definition().getMethodDescriptor();
  }
}
