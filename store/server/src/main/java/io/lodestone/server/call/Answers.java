package io.lodestone.server.call;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Ends unary calls: one response, or a status. Thread-safe. */
public final class Answers {
  private Answers() {}

  /** Answers with what {@code future} comes to, on the thread that completes it. */
  public static <T> void send(StreamObserver<T> out, CompletableFuture<T> future) {
    var unused =
        future.whenComplete(
            (response, failure) -> {
              if (failure == null) {
                succeed(out, response);
              } else {
                fail(out, failure);
              }
            });
  }

  /** Runs {@code handler}, which must not block, and answers with what it comes to. */
  public static <T> void sendFrom(
      StreamObserver<T> out, Supplier<? extends CompletableFuture<T>> handler) {
    CompletableFuture<T> future;
    try {
      future = handler.get();
    } catch (RuntimeException e) {
      fail(out, e);
      return;
    }
    send(out, future);
  }

  /** Answers with the value of {@code handler}, which must not block. */
  public static <T> void sendNow(StreamObserver<T> out, Supplier<T> handler) {
    T response;
    try {
      response = handler.get();
    } catch (RuntimeException e) {
      fail(out, e);
      return;
    }
    succeed(out, response);
  }

  private static <T> void succeed(StreamObserver<T> out, T response) {
    out.onNext(response);
    out.onCompleted();
  }

  public static void fail(StreamObserver<?> out, Throwable failure) {
    out.onError(CallStatus.of(failure).asRuntimeException());
  }
}
