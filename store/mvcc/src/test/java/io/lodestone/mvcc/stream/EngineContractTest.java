package io.lodestone.mvcc.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.mvcc.TestEngine;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.StreamContract;
import io.lodestone.revisions.digest.HashKv;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sink has written is read from the directory, without an engine. */
final class EngineContractTest extends StreamContract {
  @TempDir Path folder;

  @Override
  protected RevisionSink newSink() throws Exception {
    return new EngineSink(folder.resolve("store"), CopyRules.EXACT);
  }

  @Override
  protected RevisionSource written() {
    return new StoreSource(folder.resolve("store"));
  }

  @Override
  protected boolean anythingVisible() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isPresent();
    }
  }

  @Test
  void anEngineOnWhatWasImportedHasTheSameHashBeforeAndAfterItsCompaction() throws Exception {
    for (long seed = 20; seed < 26; seed++) {
      Path directory = folder.resolve("store");
      RandomHistory history = new RandomHistory(seed);
      writeAll(history.stream(100, 200));
      try (TestEngine engine = new TestEngine(directory)) {
        assertThat(engine.revision()).isEqualTo(200);
        HashKv expected = HashKv.of(history.rows(), history.compacted(), 200);
        assertThat(engine.hashKv(200)).isEqualTo(expected);
        if (history.compacted() >= 0) {
          engine.engine().whenCompacted(history.compacted()).get();
        }
        assertThat(engine.hashKv(200)).isEqualTo(expected);
      }
      Files.move(directory, folder.resolve("done-" + seed));
    }
  }
}
