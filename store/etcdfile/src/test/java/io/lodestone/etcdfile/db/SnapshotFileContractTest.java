package io.lodestone.etcdfile.db;

import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.StreamContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

class SnapshotFileContractTest extends StreamContract {
  @TempDir Path folder;

  @Override
  protected RevisionSink newSink() throws IOException {
    return new SnapshotFileSink(folder.resolve("snapshot.db"), CopyRules.EXACT);
  }

  @Override
  protected RevisionSource written() throws IOException {
    return SnapshotFileSource.verified(folder.resolve("snapshot.db"));
  }

  @Override
  protected boolean anythingVisible() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isPresent();
    }
  }
}
