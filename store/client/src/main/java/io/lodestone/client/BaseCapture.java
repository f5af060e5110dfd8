package io.lodestone.client;

import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.TruncatedDataException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Fetches the snapshot of a {@link PendingBase}, on a thread of its own so that the watch is read
 * meanwhile. Trouble that another attempt may cure gives the base up; other trouble fails it.
 */
final class BaseCapture implements Runnable {
  private final PendingBase base;
  private final SnapshotDownload download;
  private final Path file;
  private final boolean lastAttempt;
  private volatile boolean abandoned;

  BaseCapture(PendingBase base, SnapshotDownload download, Path file, boolean lastAttempt) {
    this.base = base;
    this.download = download;
    this.file = file;
    this.lastAttempt = lastAttempt;
  }

  @Override
  public void run() {
    try {
      base.captured().complete(Optional.of(new PendingBase.Captured(file, download.into(file))));
    } catch (ClosedByInterruptException | InterruptedException e) {
      Thread.currentThread().interrupt();
      base.captured().complete(Optional.empty());
    } catch (UnavailableException | TruncatedDataException | CorruptDataException e) {
      giveUp(e);
    } catch (LodestoneException e) {
      base.captured().completeExceptionally(e);
    } catch (IOException e) {
      base.captured()
          .completeExceptionally(
              new LodestoneException(
                  "the snapshot cannot be kept in " + file + ": " + e.getMessage(),
                  "give the spool a directory with room for as much as the database is large",
                  e));
    }
  }

  private void giveUp(LodestoneException reason) {
    if (lastAttempt) {
      base.captured().completeExceptionally(reason);
      return;
    }
    abandoned = true;
    base.captured().complete(Optional.empty());
  }

  boolean isRunning() {
    return !base.captured().isDone();
  }

  /** True if the tail thread should begin this base again. */
  boolean isAbandoned() {
    return abandoned;
  }

  PendingBase base() {
    return base;
  }
}
