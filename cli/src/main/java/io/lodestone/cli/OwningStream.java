package io.lodestone.cli;

import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A stream out of something that was opened for it alone, and is closed with it.
 *
 * @param closing closes that
 */
record OwningStream(RevisionStream stream, Runnable closing) implements RevisionStream {
  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    return stream.poll(maxWait);
  }

  @Override
  public void close() throws IOException {
    try {
      stream.close();
    } finally {
      closing.run();
    }
  }
}
