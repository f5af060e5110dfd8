package io.lodestone.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.revisions.digest.HashKv;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random changes in batches of random size to the engine and to {@link ModelStore}: the rows, the
 * past, and the hashes must be the same, across compactions and restarts.
 */
final class ModelTest {
  private static final int BATCHES = 400;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theEngineHoldsWhatTheModelHolds(long seed) throws Exception {
    System.out.println("seed " + seed);
    try (TestEngine engine = new TestEngine(directory)) {
      Run run = new Run(engine, seed);
      for (int i = 0; i < BATCHES; i++) {
        run.step();
      }
      run.compareRows();
    }
  }

  private static final class Run {
    private final TestEngine engine;
    private final ModelStore model = new ModelStore();
    private final Random random;
    private final RandomRequests requests;

    Run(TestEngine engine, long seed) {
      this.engine = engine;
      this.random = new Random(seed);
      this.requests = RandomRequests.forEngine(random);
    }

    void step() throws Exception {
      applyBatch();
      for (int i = 0; i < 5; i++) {
        compareRead();
      }
      if (random.nextInt(20) == 0) {
        engine.restart();
      }
      if (random.nextInt(10) == 0) {
        compareRows();
        compareHash();
      }
    }

    private void applyBatch() throws Exception {
      List<InternalRaftRequest> batch = new ArrayList<>();
      for (int i = random.nextInt(20); i >= 0; i--) {
        batch.add(change());
      }
      List<Applied> applied = engine.applyAll(batch);
      for (int i = 0; i < batch.size(); i++) {
        boolean done = model.apply(batch.get(i));
        assertThat(applied.get(i).refusal().isEmpty()).as("%s", batch.get(i)).isEqualTo(done);
        assertThat(applied.get(i).revision()).isEqualTo(model.revision());
      }
    }

    private InternalRaftRequest change() {
      int dice = random.nextInt(100);
      if (dice < 50) {
        return Requests.request(requests.put());
      }
      if (dice < 65) {
        return Requests.request(requests.delete());
      }
      if (dice < 90) {
        return Requests.request(requests.txn(model.revision()));
      }
      if (dice < 96) {
        return Requests.grant(requests.lease(), 60);
      }
      return dice < 99
          ? Requests.revoke(1000 + random.nextInt(4))
          : Requests.compact(model.revision() - random.nextInt(30));
    }

    private void compareRead() {
      long head = model.revision();
      long oldest = Math.max(1, model.compacted());
      long at = oldest + random.nextInt((int) (head - oldest + 1));
      RangeRequest range =
          requests.range(head).clearLimit().clearKeysOnly().setRevision(at).build();
      RangeResponse found = engine.range(range.toBuilder());
      RangeRequest plain =
          RangeRequest.newBuilder()
              .setKey(range.getKey())
              .setRangeEnd(range.getRangeEnd())
              .setRevision(at)
              .build();
      assertThat(found.getCount()).isEqualTo(model.at(at, range).size());
      assertThat(engine.range(plain.toBuilder()).getKvsList()).isEqualTo(model.at(at, range));
    }

    void compareRows() throws Exception {
      awaitCompaction();
      assertThat(engine.rows()).isEqualTo(model.allRows());
    }

    private void awaitCompaction() throws Exception {
      if (model.compacted() >= 0) {
        engine.engine().whenCompacted(model.compacted()).get();
      }
    }

    private void compareHash() throws Exception {
      long head = model.revision();
      long oldest = Math.max(1, model.compacted() + 1);
      long at = oldest >= head ? head : oldest + random.nextInt((int) (head - oldest + 1));
      assertThat(engine.hashKv(at)).isEqualTo(HashKv.of(model.rows(), model.compacted(), at));
    }
  }
}
