package io.lodestone.revisions;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A stream being read. Confined to one reader; {@link #close} may come from any thread and makes a
 * waiting read end.
 */
public interface RevisionStream extends AutoCloseable {
  Duration FOREVER = Duration.ofDays(36_500);

  /**
   * The next item, or empty if none came within {@code maxWait}. After {@link StreamItem.End} every
   * call returns it again. Sources at rest (files) never wait and never return empty.
   */
  Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException;

  /** The next item, however long it takes. */
  default StreamItem next() throws IOException, InterruptedException {
    while (true) {
      Optional<StreamItem> item = poll(FOREVER);
      if (item.isPresent()) {
        return item.get();
      }
    }
  }

  /** Bytes of changes that have arrived and wait for the reader beyond memory, on disk. */
  default long waitingBytes() {
    return 0;
  }

  @Override
  void close() throws IOException;
}
