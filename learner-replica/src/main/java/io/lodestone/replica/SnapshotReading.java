package io.lodestone.replica;

import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.revisions.PrefetchedStream;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file with a database of etcd as a base, which is read ahead while what came of it before is
 * written. Immutable.
 *
 * @param file whose content has been verified
 */
record SnapshotReading(Path file) implements RevisionSource {
  @Override
  public RevisionStream openAtBase(Reason reason) throws IOException {
    return PrefetchedStream.of(new SnapshotFileSource(file).openAtBase(reason));
  }

  /** A file knows no history of its own: this is a base again. */
  @Override
  public RevisionStream openAfter(long revision) throws IOException {
    return openAtBase(Reason.INITIAL);
  }
}
