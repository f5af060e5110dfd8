package io.lodestone.server.concurrency;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.StoreException;
import io.lodestone.server.call.Answers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** What etcd's recipes say where they fail; it has no codes for these. Stateless. */
final class Outcomes {
  private Outcomes() {}

  static StatusRuntimeException sessionExpired() {
    return unknown("mutex: session is expired");
  }

  static StatusRuntimeException notLeader() {
    return unknown("election: not leader");
  }

  static StatusRuntimeException noLeader() {
    return unknown("election: no leader");
  }

  static StatusRuntimeException leaderMissing() {
    return unknown("\"leader\" field must be provided");
  }

  /** Answers a call with what {@code handler} comes to. */
  static <T> void sendFrom(StreamObserver<T> out, Supplier<CompletableFuture<T>> handler) {
    Answers.sendFrom(out, () -> withoutCodes(handler));
  }

  /**
   * etcd's recipes talk to its store as a client does, and pass on the store's refusals as errors
   * that have lost their codes.
   */
  static <T> CompletableFuture<T> withoutCodes(Supplier<CompletableFuture<T>> call) {
    try {
      return call.get()
          .exceptionallyCompose(failure -> CompletableFuture.failedFuture(told(failure)));
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(told(e));
    }
  }

  private static Throwable told(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof StoreException refused ? unknown(refused.code().text()) : failure;
  }

  private static StatusRuntimeException unknown(String text) {
    return Status.UNKNOWN.withDescription(text).asRuntimeException();
  }

  /** Completes when the client of a call has gone. Must be asked before its handler returns. */
  static CompletableFuture<Void> gaveUp(StreamObserver<?> out) {
    CompletableFuture<Void> gaveUp = new CompletableFuture<>();
    ((ServerCallStreamObserver<?>) out).setOnCancelHandler(() -> gaveUp.complete(null));
    return gaveUp;
  }
}
