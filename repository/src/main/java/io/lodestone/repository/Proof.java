package io.lodestone.repository;

import java.time.Instant;

/**
 * That a drill has restored a lineage, and what it found. Immutable.
 *
 * @param revision that was restored; {@code compactRevision} -1 where it was never compacted
 * @param hashKv as etcd computes it over what was restored, unsigned 32 bits
 * @param provedAt by the clock of who did it, {@code host}
 * @param source whether the source itself was asked for its hash and gave the same
 * @param bytes that were read, as stored, in {@code seconds}
 */
public record Proof(
    long revision,
    long compactRevision,
    long hashKv,
    Instant provedAt,
    String host,
    boolean source,
    long bytes,
    double seconds) {}
