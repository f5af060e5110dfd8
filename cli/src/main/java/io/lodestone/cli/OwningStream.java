package io.lodestone.cli;

import io.lodestone.repository.Repository;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A stream out of a repository that was opened for it alone, and is closed with it. */
record OwningStream(RevisionStream stream, Repository repository) implements RevisionStream {
  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    return stream.poll(maxWait);
  }

  @Override
  public void close() throws IOException {
    try {
      stream.close();
    } finally {
      repository.close();
    }
  }
}
