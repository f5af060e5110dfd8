package io.lodestone.client;

import io.lodestone.api.LeaseId;
import io.lodestone.revisions.BrokenStreamException;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseState;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One base on its way to the reader: waits for its snapshot, then hands out the items of the file,
 * with what only the living cluster knows (origin, time, reason). Confined to the reader's thread;
 * {@link #close} may come from any.
 */
final class BaseDelivery implements AutoCloseable {
  private final PendingBase base;
  private final SnapshotDecoder decoder;
  private final List<LeaseId> leases = new ArrayList<>();
  private Compaction compaction = Compaction.NEVER;
  private PendingBase.Captured captured;
  private volatile RevisionStream file;
  private Complete end;
  private boolean abandoned;

  BaseDelivery(PendingBase base, SnapshotDecoder decoder) {
    this.base = base;
    this.decoder = decoder;
  }

  /** The next item; empty if the snapshot did not come in time or {@link #isAbandoned}. */
  Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    if (file == null && !opened(maxWait)) {
      return Optional.empty();
    }
    return Optional.of(told(file.next()));
  }

  private boolean opened(Duration maxWait) throws IOException, InterruptedException {
    try {
      Optional<PendingBase.Captured> result =
          base.captured().get(maxWait.toNanos(), TimeUnit.NANOSECONDS);
      abandoned = result.isEmpty();
      if (abandoned) {
        return false;
      }
      captured = result.get();
      file = decoder.open(captured.file()).openAtBase(base.reason());
      return true;
    } catch (TimeoutException e) {
      return false; // the reader's patience ended before the snapshot did; it will ask again
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IOException("the snapshot failed", e.getCause());
    }
  }

  private StreamItem told(StreamItem item) {
    if (item instanceof BaseStart) {
      return new BaseStart(base.origin(), captured.capturedAt(), base.reason());
    }
    if (item instanceof LeaseState lease) {
      leases.add(lease.id());
    } else if (item instanceof Compaction told) {
      compaction = told;
    } else if (item instanceof Complete mark) {
      return complete(mark.revision());
    }
    return item;
  }

  private Complete complete(long revision) {
    if (revision < base.armedRevision()) {
      throw new BrokenStreamException(
          "the snapshot is of revision "
              + revision
              + ", older than the watch, which begins behind "
              + base.armedRevision());
    }
    end = new Complete(revision, captured.capturedAt());
    return end;
  }

  /** The mark that ended the base, once it was handed out. */
  Optional<Complete> end() {
    return Optional.ofNullable(end);
  }

  /** True if this base was given up; another follows in the spool. */
  boolean isAbandoned() {
    return abandoned;
  }

  List<LeaseId> leases() {
    return leases;
  }

  Compaction compaction() {
    return compaction;
  }

  long epoch() {
    return base.epoch();
  }

  /** Makes a waiting {@link #poll} return, and removes the file. */
  @Override
  public void close() throws IOException {
    base.captured().complete(Optional.empty());
    RevisionStream open = file;
    if (open != null) {
      open.close();
    }
    if (captured != null) {
      Files.deleteIfExists(captured.file());
    }
  }
}
