package io.lodestone.etcdfile.bolt;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Brings a file to disk while it is still being written, so that the last sync has little left to
 * do. One sync is under way at a time; a failed one fails {@link #finish}, since the system reports
 * it only once. Confined to one thread, beside its own.
 */
public final class BackgroundSync implements AutoCloseable {
  private static final long EVERY_BYTES = 64 << 20;

  private final Path path;
  private final FileChannel channel;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "file-sync");
            thread.setDaemon(true);
            return thread;
          });
  private Future<?> running = CompletableFuture.completedFuture(null);
  private long unsyncedBytes;

  /** Takes the file's name, for messages. */
  public BackgroundSync(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Counts what was written, and begins a sync when enough has come together and none is under way.
   */
  public void written(long bytes) throws IOException {
    unsyncedBytes += bytes;
    if (unsyncedBytes >= EVERY_BYTES && running.isDone()) {
      await();
      unsyncedBytes = 0;
      running = executor.submit(this::sync);
    }
  }

  private Void sync() throws IOException {
    channel.force(false);
    return null;
  }

  /** When this returns, all of the file is on disk. */
  public void finish() throws IOException {
    await();
    try {
      channel.force(true);
    } catch (IOException e) {
      throw notOnDisk(e);
    }
  }

  private void await() throws IOException {
    try {
      running.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + path + " was brought to disk", e);
    } catch (ExecutionException e) {
      throw notOnDisk(e.getCause());
    }
  }

  private IOException notOnDisk(Throwable cause) {
    return new IOException("cannot bring " + path + " to disk: " + cause.getMessage(), cause);
  }

  /** Lets go of the thread; close it before the channel. */
  @Override
  public void close() {
    executor.shutdown();
  }
}
