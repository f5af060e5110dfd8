package io.lodestone.migrate.v2;

/**
 * What was done. Immutable.
 *
 * @param keys that are there now, directories among them
 * @param written of them those that were not there alike
 * @param deleted keys that v2 does not have
 * @param index of v2
 */
public record V2Report(
    long keys, long directories, long written, long deleted, long leases, long index) {}
