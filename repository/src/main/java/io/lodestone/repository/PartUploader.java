package io.lodestone.repository;

import io.lodestone.repository.chain.Creation;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.objects.ObjectStore;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Stores parts and key indexes behind the encoder's back, so many at a time: while they are on
 * their way the next is encoded, and one more has to wait. Confined to the writer's thread; the
 * work runs on threads of its own.
 */
final class PartUploader implements AutoCloseable {
  private final ObjectStore store;
  private final int uploads;
  private final ExecutorService executor;
  private final Deque<Future<?>> underWay = new ArrayDeque<>();

  /**
   * @param uploads the most that are under way at a time
   */
  PartUploader(ObjectStore store, int uploads) {
    this.store = store;
    this.uploads = uploads;
    this.executor = Executors.newFixedThreadPool(uploads, RepositoryWriter.thread("parts"));
  }

  /** Waits until one more may be under way, then begins to store this one. */
  void upload(String name, SealedObject part) throws IOException, InterruptedException {
    while (underWay.size() >= uploads) {
      awaitOldest();
    }
    underWay.add(
        executor.submit(
            () -> {
              if (!Creation.create(store, name, part.bytes())) {
                throw new IOException("object " + name + " exists already with other bytes");
              }
              return name;
            }));
  }

  /**
   * When this returns, every part given so far is durable. Fails as the first upload that did, once
   * none is under way any more.
   */
  void await() throws IOException, InterruptedException {
    try {
      while (!underWay.isEmpty()) {
        awaitOldest();
      }
    } finally {
      if (!underWay.isEmpty()) {
        await();
      }
    }
  }

  private void awaitOldest() throws IOException, InterruptedException {
    try {
      underWay.remove().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IOException("cannot store a part: " + e.getCause().getMessage(), e.getCause());
    }
  }

  /** Takes no more; what is under way comes to its end. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
