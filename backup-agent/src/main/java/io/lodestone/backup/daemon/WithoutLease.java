package io.lodestone.backup.daemon;

import io.lodestone.api.LeaseId;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A source without one lease: the agent's own, which has no keys and is no part of what is backed
 * up. Immutable.
 */
record WithoutLease(RevisionSource source, LeaseId own) implements RevisionSource {
  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException, InterruptedException {
    return new Filtered(source.openAtBase(reason), own);
  }

  @Override
  public RevisionStream openAfter(long revision) throws IOException, InterruptedException {
    return new Filtered(source.openAfter(revision), own);
  }

  private record Filtered(RevisionStream stream, LeaseId own) implements RevisionStream {
    @Override
    public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
      return stream.poll(maxWait).filter(item -> !isOwn(item));
    }

    private boolean isOwn(StreamItem item) {
      return (item instanceof LeaseState lease && lease.id().equals(own))
          || (item instanceof LeaseGone gone && gone.id().equals(own));
    }

    @Override
    public long waitingBytes() {
      return stream.waitingBytes();
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
