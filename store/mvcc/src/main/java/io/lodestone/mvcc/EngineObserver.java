package io.lodestone.mvcc;

import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.mvcc.compaction.CompactionObserver;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.log.Change;
import java.util.List;

/**
 * Learns what an engine does and how long it takes, to count it. Called on the engine's own
 * threads, which must not be kept waiting.
 */
public interface EngineObserver extends CompactionObserver {
  /** Counts nothing. */
  EngineObserver NONE =
      new EngineObserver() {
        @Override
        public void applied(
            InternalRaftRequest request, Applied applied, List<Change> changes, long nanos) {}

        @Override
        public void written(Durability durability, long writeNanos, long nanos) {}

        @Override
        public void compactedPart(long nanos) {}

        @Override
        public void compacted(long removedRows, long nanos) {}
      };

  /**
   * An entry was applied, and will be written with those that wait with it.
   *
   * @param changes of keys, in order; only during the call
   */
  void applied(InternalRaftRequest request, Applied applied, List<Change> changes, long nanos);

  /**
   * What was applied is visible.
   *
   * @param writeNanos of writing alone, until it was as durable as was asked for
   * @param nanos of writing and making visible
   */
  void written(Durability durability, long writeNanos, long nanos);
}
