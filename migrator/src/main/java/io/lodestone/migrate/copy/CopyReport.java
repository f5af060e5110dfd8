package io.lodestone.migrate.copy;

/**
 * What a copy has done so far. Immutable.
 *
 * @param revision the source's revision that the destination has
 * @param sourceRevision the source's newest one, when it was last asked
 * @param bases how often both sides were compared key by key
 */
public record CopyReport(
    long revision, long sourceRevision, long puts, long deletes, long transactions, int bases) {}
