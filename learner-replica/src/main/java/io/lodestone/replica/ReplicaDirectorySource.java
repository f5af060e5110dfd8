package io.lodestone.replica;

import io.lodestone.api.LodestoneException;
import io.lodestone.mvcc.stream.StoreSource;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The data directory of a replica that is not running, as a source: what it had copied, as a base
 * and no tail. Changes nothing in it. Fails with a hint where it holds no copy, or where a replica
 * runs on it. Thread-safe.
 */
public final class ReplicaDirectorySource implements RevisionSource {
  private final Path root;

  public ReplicaDirectorySource(Path dataDir) {
    this.root = dataDir;
  }

  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    if (!Files.isDirectory(root.resolve("bases"))) {
      throw new LodestoneException(
          "there is no replica in " + root, "name the --data-dir of a replica");
    }
    ReplicaDirectory directory = ReplicaDirectory.open(root);
    try {
      Path newest =
          directory
              .newest()
              .orElseThrow(
                  () ->
                      new LodestoneException(
                          "the replica in " + root + " has not finished its first base",
                          "restore from a backup instead"));
      return new Held(new StoreSource(newest).openAtBase(reason), directory);
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** A directory at rest knows no history of its own: this is a base again. */
  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    return openAtBase(Reason.INITIAL);
  }

  /** Keeps the directory to itself until it is closed. */
  private record Held(RevisionStream stream, ReplicaDirectory directory) implements RevisionStream {
    @Override
    public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
      return stream.poll(maxWait);
    }

    @Override
    public void close() throws IOException {
      try {
        stream.close();
      } finally {
        directory.close();
      }
    }
  }
}
