package io.lodestone.mvcc.direct;

import static io.lodestone.mvcc.Requests.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.mvcc.TestEngine;
import io.lodestone.peers.ChildProcess;
import io.lodestone.peers.JavaProgram;
import io.lodestone.revisions.digest.HashKv;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 at any moment: whatever was acknowledged is there, in whole revisions. */
final class KilledWriterTest {
  private static final int KILLS = 5;

  @TempDir Path folder;

  @Test
  void nothingAcknowledgedIsLost() throws Exception {
    Path directory = folder.resolve("store");
    int next = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Path output = folder.resolve("output-" + kill);
      try (ChildProcess writer = start(directory, next, output)) {
        int enough = 2000 + 700 * kill;
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> writer.output().lines().count() > enough || !writer.isAlive());
        assertThat(writer.isAlive()).as(writer.output()).isTrue();
        writer.kill();
        next = 1 + check(directory, lastAcknowledged(writer.output()));
      }
    }
  }

  private static ChildProcess start(Path directory, int next, Path output) throws Exception {
    List<String> command =
        JavaProgram.command(Writer.class, List.of(), directory.toString(), "" + next);
    return ChildProcess.start(command, Map.of(), output);
  }

  /** Answers come in order; the last line may be torn. */
  private static int lastAcknowledged(String output) {
    String whole = output.substring(0, output.lastIndexOf('\n'));
    return whole
        .lines()
        .filter(line -> line.matches("[0-9]+"))
        .mapToInt(Integer::parseInt)
        .max()
        .orElseThrow();
  }

  /** Returns the number of the last put that is there. */
  private static int check(Path directory, int acknowledged) throws Exception {
    try (TestEngine engine = new TestEngine(directory)) {
      int last = 0;
      for (int key = 0; key < Writer.KEYS; key++) {
        RangeResponse found = engine.range(range("key" + key));
        int number = Integer.parseInt(found.getKvs(0).getValue().toStringUtf8());
        assertThat(number % Writer.KEYS).isEqualTo(key);
        assertThat(number).isGreaterThan(acknowledged - Writer.KEYS);
        last = Math.max(last, number);
      }
      assertThat(last).isGreaterThanOrEqualTo(acknowledged);
      assertThat(engine.revision()).isEqualTo(last + 2);
      engine.engine().whenCompacted(engine.compactRevision()).get();
      HashKv found = engine.hashKv(0);
      assertThat(found)
          .isEqualTo(
              HashKv.of(
                  visitor -> {
                    for (var row : engine.rows()) {
                      if (!visitor.row(row)) {
                        return;
                      }
                    }
                  },
                  engine.compactRevision(),
                  engine.revision()));
      return last;
    }
  }
}
