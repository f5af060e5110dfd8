package io.lodestone.client;

import io.lodestone.revisions.RevisionSource;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads a snapshot file as a source of revisions. The program that wires a {@link LivingCluster}
 * brings it, since the client knows nothing of file formats.
 */
@FunctionalInterface
public interface SnapshotDecoder {

  /**
   * Opens a snapshot that stays where it is until the streams of the source are closed.
   *
   * @param file what {@code Maintenance.Snapshot} sent: the database, then its SHA-256 (32 bytes),
   *     which has already been verified
   */
  RevisionSource open(Path file) throws IOException;
}
