package io.lodestone.repository;

import io.lodestone.repository.chain.Creation;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.objects.ObjectStore;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Stores parts and key indexes behind the encoder's back, one at a time: while one is on its way
 * the next is encoded, and a third has to wait. Confined to the writer's thread; the work runs on
 * {@code executor}.
 */
final class PartUploader {
  private final ObjectStore store;
  private final ExecutorService executor;
  private Future<?> underWay;

  PartUploader(ObjectStore store, ExecutorService executor) {
    this.store = store;
    this.executor = executor;
    this.underWay = CompletableFuture.completedFuture(null);
  }

  /** Waits for the part before, then begins to store this one. */
  void upload(String name, SealedObject part) throws IOException, InterruptedException {
    await();
    underWay =
        executor.submit(
            () -> {
              if (!Creation.create(store, name, part.bytes())) {
                throw new IOException("object " + name + " exists already with other bytes");
              }
              return name;
            });
  }

  /** When this returns, every part given so far is durable. Fails once as the upload did. */
  void await() throws IOException, InterruptedException {
    Future<?> waitedFor = underWay;
    underWay = CompletableFuture.completedFuture(null);
    try {
      waitedFor.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IOException("cannot store a part: " + e.getCause().getMessage(), e.getCause());
    }
  }
}
