package io.lodestone.replica;

import io.lodestone.mvcc.Engine;
import io.lodestone.replica.raft.Position;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Brings to the disk what was applied, on a thread of its own, so that what comes next is applied
 * meanwhile. Confined to the thread that applies.
 */
final class Syncing implements AutoCloseable {
  /** Each time costs the disk something, however little there is. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread made = new Thread(task, "replica-sync");
            made.setDaemon(true);
            return made;
          });
  private Optional<CompletableFuture<Position>> running = Optional.empty();
  private long beganNanos = System.nanoTime() - PAUSE_NANOS;
  private Position begun;

  /** Everything up to {@code synced} is on disk. */
  Syncing(Position synced) {
    begun = synced;
  }

  /**
   * Begins to sync what {@code engine} has applied, where that is more than before, and nothing is
   * being synced or was a moment ago; {@code applied} is the last of it.
   */
  void begin(Engine engine, Position applied) {
    long now = System.nanoTime();
    if (running.isPresent() || applied.equals(begun) || now - beganNanos < PAUSE_NANOS) {
      return;
    }
    begun = applied;
    beganNanos = now;
    running =
        Optional.of(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    engine.sync();
                    return applied;
                  } catch (IOException e) {
                    throw new CompletionException(e);
                  }
                },
                thread));
  }

  /** What has come to the disk since the last time. */
  Optional<Position> finished() throws IOException {
    if (running.isEmpty() || !running.get().isDone()) {
      return Optional.empty();
    }
    return Optional.of(await());
  }

  private Position await() throws IOException {
    CompletableFuture<Position> ending = running.orElseThrow();
    running = Optional.empty();
    try {
      return ending.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw e;
    }
  }

  /** From now on it is another engine, which has everything up to {@code synced} on disk. */
  void restart(Position synced) throws IOException {
    if (running.isPresent()) {
      await();
    }
    begun = synced;
  }

  /** Waits for what is under way. */
  @Override
  public void close() throws IOException {
    try {
      if (running.isPresent()) {
        await();
      }
    } finally {
      thread.shutdown();
    }
  }
}
