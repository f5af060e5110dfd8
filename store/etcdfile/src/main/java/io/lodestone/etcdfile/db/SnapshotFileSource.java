package io.lodestone.etcdfile.db;

import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A snapshot file of etcd, or the {@code db} of a stopped member without its log, as a source: a
 * base and no tail. Its time is the file's modification time. Thread-safe.
 */
public final class SnapshotFileSource implements RevisionSource {
  private final Path path;
  private final boolean verified;

  private SnapshotFileSource(Path path, boolean verified) {
    this.path = path;
    this.verified = verified;
  }

  /** Takes the file as it is, with or without a trailer. */
  public SnapshotFileSource(Path path) {
    this(path, false);
  }

  /**
   * Compares the file with its trailer while it is read: the streams fail before their end where
   * the trailer is missing or does not agree. See {@code BoltFile.verifyTrailer}.
   */
  public static SnapshotFileSource verified(Path path) {
    return new SnapshotFileSource(path, true);
  }

  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    EtcdDatabase database = EtcdDatabase.open(path);
    try {
      Instant at = Files.getLastModifiedTime(path).toInstant();
      DatabaseStream stream = new DatabaseStream(database, at, reason);
      return verified ? new VerifiedStream(stream, EtcdDatabase.open(path)) : stream;
    } catch (IOException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** A file knows no history of its own: this is a base again. */
  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    return openAtBase(Reason.INITIAL);
  }
}
