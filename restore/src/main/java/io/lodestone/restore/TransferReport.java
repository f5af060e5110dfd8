package io.lodestone.restore;

import io.lodestone.revisions.Origin;
import java.time.Duration;
import java.time.Instant;

/**
 * What a transfer moved.
 *
 * @param origin where the last base came from
 * @param revision the revision that the target stands at, before any bump
 * @param completeAt when the source was known to stand there
 * @param compactRevision -1 where it was never compacted
 * @param records rows of the last base and of the tail behind it
 * @param bytes their values, as stored
 * @param leases leases alive at the end
 * @param users users in the last base
 */
public record TransferReport(
    Origin origin,
    long revision,
    Instant completeAt,
    long compactRevision,
    long records,
    long bytes,
    long leases,
    long users,
    Duration elapsed) {}
