package io.lodestone.server.forward;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/**
 * A call of ours that is answered by the source, message by message; each side reads on when the
 * other has room. Its methods come on the client's event loop, {@link Answers} on the source's.
 */
final class ForwardedCall<Q, A> extends ServerCall.Listener<Q> {
  private final ServerCall<Q, A> client;
  private final ClientCall<Q, A> source;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private boolean requestHeld;

  @GuardedBy("lock")
  private boolean answerHeld;

  private ForwardedCall(ServerCall<Q, A> client, ClientCall<Q, A> source) {
    this.client = client;
    this.source = source;
  }

  /** Starts both sides. */
  static <Q, A> ServerCall.Listener<Q> start(
      ServerCall<Q, A> client, ClientCall<Q, A> source, Metadata headers) {
    ForwardedCall<Q, A> call = new ForwardedCall<>(client, source);
    source.start(call.new Answers(), headers);
    source.request(1);
    client.request(1);
    return call;
  }

  @Override
  public void onMessage(Q message) {
    source.sendMessage(message);
    synchronized (lock) {
      requestHeld = !source.isReady();
      if (requestHeld) {
        return;
      }
    }
    client.request(1);
  }

  @Override
  public void onHalfClose() {
    source.halfClose();
  }

  @Override
  public void onCancel() {
    source.cancel("the client has gone", null);
  }

  /** The client takes more. */
  @Override
  public void onReady() {
    synchronized (lock) {
      if (!answerHeld) {
        return;
      }
      answerHeld = false;
    }
    source.request(1);
  }

  private final class Answers extends ClientCall.Listener<A> {
    @Override
    public void onHeaders(Metadata headers) {
      client.sendHeaders(new Metadata());
    }

    @Override
    public void onMessage(A message) {
      client.sendMessage(message);
      synchronized (lock) {
        answerHeld = !client.isReady();
        if (answerHeld) {
          return;
        }
      }
      source.request(1);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      client.close(status, new Metadata());
    }

    /** The source takes more. */
    @Override
    public void onReady() {
      synchronized (lock) {
        if (!requestHeld) {
          return;
        }
        requestHeld = false;
      }
      client.request(1);
    }
  }
}
