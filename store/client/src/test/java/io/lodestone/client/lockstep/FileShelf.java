package io.lodestone.client.lockstep;

import io.lodestone.etcdfile.db.SnapshotFileSink;
import io.lodestone.etcdfile.db.SnapshotFileSource;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A base in a file. */
record FileShelf(Path file) implements BaseShelf {

  @Override
  public RevisionSink put() throws IOException {
    Files.deleteIfExists(file);
    return new SnapshotFileSink(file, CopyRules.EXACT);
  }

  @Override
  public RevisionStream take() throws IOException {
    return new SnapshotFileSource(file).openAtBase(Reason.INITIAL);
  }
}
