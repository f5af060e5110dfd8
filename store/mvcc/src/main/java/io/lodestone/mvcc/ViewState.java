package io.lodestone.mvcc;

import io.lodestone.mvcc.keyspace.Keys;
import io.lodestone.mvcc.keyspace.NewestKeys;
import io.lodestone.mvcc.keyspace.PastKeys;
import io.lodestone.mvcc.keyspace.Standing;
import io.lodestone.mvcc.rocks.RocksView;

/** What all views of one moment share. Immutable, but for the count of the rows' readers. */
record ViewState(Standing standing, RocksView rows) {
  Keys keysAt(long revision) {
    return revision == standing.revision() ? new NewestKeys(rows) : new PastKeys(rows, revision);
  }
}
