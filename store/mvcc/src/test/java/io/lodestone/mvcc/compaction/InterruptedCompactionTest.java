package io.lodestone.mvcc.compaction;

import static io.lodestone.mvcc.Requests.compact;
import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.mvcc.EngineObserver;
import io.lodestone.mvcc.RandomRequests;
import io.lodestone.mvcc.Requests;
import io.lodestone.mvcc.TestEngine;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.RocksSettings;
import io.lodestone.mvcc.rocks.RocksStore;
import io.lodestone.revisions.RevisionRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A compaction may stop between any two batches, as often as it likes; the next start ends it. */
final class InterruptedCompactionTest {
  private static final long COMPACT = 150;
  private static final int ROWS_IN_BATCH = 7;

  @TempDir Path folder;

  @Test
  void whateverBatchItStopsBehindTheNextStartFinishesIt() throws Exception {
    Path accepted = folder.resolve("accepted");
    List<RevisionRecord> expected = prepare(accepted);
    int batches = 0;
    boolean interrupted = true;
    while (interrupted) {
      Path copy = copy(accepted, folder.resolve("stops-behind-" + batches));
      interrupted = stopBehind(copy, ++batches);
      try (TestEngine engine = new TestEngine(copy)) {
        engine.engine().whenCompacted(COMPACT).get();
        assertThat(engine.rows()).as("after %d batches", batches).isEqualTo(expected);
      }
    }
    assertThat(batches).isGreaterThan(10);
  }

  /** A store that has accepted a compaction and not begun it; returns the rows that shall stay. */
  private List<RevisionRecord> prepare(Path directory) throws Exception {
    RandomRequests requests = RandomRequests.forEngine(new Random(5));
    try (TestEngine engine = new TestEngine(directory)) {
      while (engine.revision() < COMPACT + 20) {
        engine.apply(Requests.request(requests.put().clearLease()));
        engine.apply(Requests.request(requests.delete()));
      }
    }
    Path whole = copy(directory, folder.resolve("whole"));
    acceptOnly(directory);
    try (TestEngine engine = new TestEngine(whole)) {
      engine.apply(compact(COMPACT));
      engine.engine().whenCompacted(COMPACT).get();
      return engine.rows();
    }
  }

  /** Writes what accepting a compaction writes, and nothing more. */
  private static void acceptOnly(Path directory) throws Exception {
    try (RocksStore store = RocksStore.open(directory, RocksSettings.serving(64 << 20))) {
      Mutations mutations = store.newMutations();
      Standing.read(store.latest()).compactedAt(COMPACT).writeTo(mutations);
      store.write(mutations);
    }
  }

  private static boolean stopBehind(Path directory, int batches) throws Exception {
    AtomicInteger left = new AtomicInteger(batches);
    try (RocksStore store = RocksStore.open(directory, RocksSettings.serving(64 << 20))) {
      Compactor compactor =
          new Compactor(
              store,
              () -> {
                if (left.decrementAndGet() == 0) {
                  throw new IllegalStateException("stopped by the test");
                }
              },
              () -> {},
              () -> EngineObserver.NONE,
              ROWS_IN_BATCH);
      try (compactor) {
        compactor.start(COMPACT);
        compactor.whenDone(COMPACT).get();
        return false;
      } catch (ExecutionException e) {
        assertThat(e).hasRootCauseMessage("stopped by the test");
        return true;
      }
    }
  }

  private static Path copy(Path from, Path to) throws Exception {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }
}
