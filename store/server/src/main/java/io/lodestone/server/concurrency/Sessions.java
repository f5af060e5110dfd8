package io.lodestone.server.concurrency;

import io.grpc.stub.StreamObserver;
import io.lodestone.auth.Identity;
import io.lodestone.server.call.Access;
import java.util.concurrent.CompletableFuture;

/** How waiting for a lock or for an election begins. Thread-safe; never blocks. */
final class Sessions {
  private final StoreCalls store;
  private final Access access;

  Sessions(StoreCalls store, Access access) {
    this.store = store;
    this.access = access;
  }

  /** What is done for {@code user} under a lease; {@code gaveUp} completes when the client goes. */
  interface Wait<T> {
    CompletableFuture<T> begin(Identity user, long lease, CompletableFuture<Void> gaveUp);
  }

  /**
   * Answers a call with what {@code wait} comes to, under the lease that the caller names, or a new
   * one for 0. Must be asked before the call's handler returns.
   */
  <T> void answer(StreamObserver<T> out, long named, Wait<T> wait) {
    CompletableFuture<Void> gaveUp = Outcomes.gaveUp(out);
    Outcomes.sendFrom(
        out,
        () -> {
          Identity user = access.user();
          return store.session(user, named).thenCompose(lease -> wait.begin(user, lease, gaveUp));
        });
  }
}
