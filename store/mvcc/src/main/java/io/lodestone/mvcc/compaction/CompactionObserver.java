package io.lodestone.mvcc.compaction;

/** Learns what compactions do and how long they take. Called on the compaction's own thread. */
public interface CompactionObserver {
  /** One of the steps of a compaction was taken, between which others may write. */
  void compactedPart(long nanos);

  /** A compaction is carried out, {@code nanos} after its turn came. */
  void compacted(long removedRows, long nanos);
}
