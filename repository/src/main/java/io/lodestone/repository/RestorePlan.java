package io.lodestone.repository;

import java.time.Instant;

/**
 * What restoring one point will read. Immutable.
 *
 * @param baseSeq the entry with the base
 * @param baseRevision where the base stands; above {@code revision} where it will be cut back
 * @param lastSeq the last entry of the tail that is needed; {@code baseSeq} for none
 * @param revision the revision that will be restored
 * @param objects how many objects will be read, and {@code bytes} their size as stored; by a
 *     listing, so that what a compaction has left over beside them counts as well
 */
public record RestorePlan(
    Lineage lineage,
    long baseSeq,
    long baseRevision,
    Instant baseAt,
    long lastSeq,
    long revision,
    long objects,
    long bytes) {}
