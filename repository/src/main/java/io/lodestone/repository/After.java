package io.lodestone.repository;

import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A tail without what its reader has already: everything up to the first record above {@code
 * revision} is left out, but for the changes of leases directly before it. Confined to one reader.
 */
final class After implements RevisionStream {
  private final RevisionStream stream;
  private final long revision;
  private long complete;
  private boolean passing;

  /**
   * @param complete what is complete before the first item of {@code stream}
   */
  After(RevisionStream stream, long revision, long complete) {
    this.stream = stream;
    this.revision = revision;
    this.complete = complete;
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    while (true) {
      Optional<StreamItem> item = stream.poll(maxWait);
      if (item.isEmpty() || passing || passes(item.get())) {
        return item;
      }
    }
  }

  private boolean passes(StreamItem item) {
    if (item instanceof BaseStart || item instanceof End) {
      passing = true;
      return true;
    }
    if (item instanceof RevisionRecord record) {
      passing = record.main() > revision;
      return passing;
    }
    boolean had = complete < revision;
    if (item instanceof Complete mark) {
      complete = mark.revision();
      return false;
    }
    return !had;
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
