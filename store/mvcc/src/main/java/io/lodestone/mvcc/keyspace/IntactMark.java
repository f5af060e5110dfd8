package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.RocksStore;
import io.lodestone.mvcc.rocks.Rows;
import java.io.IOException;

/**
 * A row of {@code meta} that an import leaves and the first engine takes away: no compaction has
 * begun to remove rows since, and the whole history behind the base's compaction is there.
 */
public final class IntactMark {
  private static final ByteString KEY = ByteString.copyFromUtf8("intact");

  private IntactMark() {}

  public static boolean isSet(Rows rows) {
    return rows.get(Family.META, KEY).isPresent();
  }

  public static void set(Mutations mutations) {
    mutations.put(Family.META, KEY, ByteString.EMPTY);
  }

  /** When this returns, the mark is gone from the disk. */
  public static void clear(RocksStore store) throws IOException {
    if (isSet(store.latest())) {
      Mutations mutations = store.newMutations();
      mutations.delete(Family.META, KEY);
      store.writeDurably(mutations);
    }
  }
}
