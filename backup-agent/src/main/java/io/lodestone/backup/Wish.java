package io.lodestone.backup;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Something that others ask a thread for, which gets to it when it can: however often it is asked
 * for meanwhile, it is done once, and all are told. Thread-safe.
 *
 * @param <T> what comes of it
 */
final class Wish<T> {
  private final AtomicReference<Optional<CompletableFuture<T>>> asked =
      new AtomicReference<>(Optional.empty());

  /** Done once it is granted or refused. */
  CompletableFuture<T> ask() {
    return asked
        .updateAndGet(before -> before.or(() -> Optional.of(new CompletableFuture<>())))
        .orElseThrow();
  }

  boolean isAsked() {
    return asked.get().isPresent();
  }

  void grant(T result) {
    asked.getAndSet(Optional.empty()).ifPresent(waiting -> waiting.complete(result));
  }

  void refuse(RuntimeException reason) {
    asked.getAndSet(Optional.empty()).ifPresent(waiting -> waiting.completeExceptionally(reason));
  }
}
