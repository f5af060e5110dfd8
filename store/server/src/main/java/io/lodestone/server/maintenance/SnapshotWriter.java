package io.lodestone.server.maintenance;

import java.io.IOException;
import java.nio.file.Path;

/** Writes the store, as it is at one moment, to a snapshot file of etcd. */
@FunctionalInterface
public interface SnapshotWriter {
  /**
   * When this returns, {@code target}, which must not exist, holds a database of etcd with its
   * SHA-256 trailer. Returns its revision.
   */
  long write(Path target) throws IOException, InterruptedException;
}
