package io.lodestone.mvcc.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.mvcc.RandomRequests;
import io.lodestone.mvcc.Requests;
import io.lodestone.mvcc.TestEngine;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.rocks.RocksSettings;
import io.lodestone.mvcc.rocks.RocksStore;
import io.lodestone.mvcc.rocks.RocksView;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoredHashTest {
  @TempDir Path directory;

  @Test
  void lookingUpEachRowGivesTheHashThatTheSetGives() throws Exception {
    RandomRequests requests = RandomRequests.forEngine(new Random(6));
    try (TestEngine engine = new TestEngine(directory)) {
      for (int i = 0; i < 300; i++) {
        engine.apply(Requests.request(requests.put().clearLease()));
        engine.apply(Requests.request(requests.delete()));
      }
      engine.apply(Requests.compact(200));
      engine.engine().whenCompacted(200).get();
    }
    try (RocksStore store = RocksStore.open(directory, RocksSettings.serving(64 << 20))) {
      RocksView rows = store.view();
      Standing standing = Standing.read(rows);
      StoredHash bySet = new StoredHash(rows, 200, Liveness.LARGEST_SET);
      StoredHash byLookups = new StoredHash(rows, 200, 3);
      for (long at = 200; at <= standing.revision(); at += 7) {
        assertThat(byLookups.asked(200, at, standing.revision()))
            .isEqualTo(bySet.asked(200, at, standing.revision()));
      }
      rows.release();
    }
  }
}
