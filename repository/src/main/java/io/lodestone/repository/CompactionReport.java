package io.lodestone.repository;

/**
 * What a compaction of the log did. Immutable.
 *
 * @param merged objects of the log that were merged
 * @param written objects of the log that stand for them now
 * @param deleted objects that were deleted, parts and leftovers of earlier runs included
 */
public record CompactionReport(long merged, long written, long deleted) {}
