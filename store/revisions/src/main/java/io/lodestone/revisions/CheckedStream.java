package io.lodestone.revisions;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A stream whose every item is held against the contract; the first breach is a {@link
 * BrokenStreamException}.
 */
public final class CheckedStream implements RevisionStream {
  private final RevisionStream stream;
  private final StreamOrder order;

  public CheckedStream(RevisionStream stream, StreamOrder order) {
    this.stream = stream;
    this.order = order;
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    Optional<StreamItem> item = stream.poll(maxWait);
    item.ifPresent(order::advance);
    return item;
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
