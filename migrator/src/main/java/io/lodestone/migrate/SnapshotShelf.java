package io.lodestone.migrate;

import io.lodestone.client.lockstep.BaseShelf;
import io.lodestone.etcdfile.db.SnapshotFileSink;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A base as a snapshot file.
 *
 * @param directory exists, and is ours
 */
record SnapshotShelf(Path directory) implements BaseShelf {
  private Path file() {
    return directory.resolve("base.db");
  }

  @Override
  public RevisionSink put() throws IOException {
    Files.deleteIfExists(file());
    return new SnapshotFileSink(file(), CopyRules.EXACT);
  }

  @Override
  public RevisionStream take() throws IOException {
    return new SnapshotFileSource(file()).openAtBase(Reason.INITIAL);
  }
}
