package io.lodestone.mvcc.compaction;

/**
 * A compaction that was accepted. Immutable.
 *
 * @param before the compact revision until then; -1 for none
 */
public record AcceptedCompaction(long before, long revision) {}
