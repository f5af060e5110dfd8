package io.lodestone.client;

import io.lodestone.revisions.Origin;
import io.lodestone.revisions.StreamItem.Reason;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A base that is being fetched. Its place in the stream is known before its content is.
 *
 * @param armedRevision the watch of the same member delivers everything after it, so the snapshot
 *     must not be older
 * @param epoch which reading of leases belongs behind it
 * @param captured the file; empty if this attempt was given up and another base follows; fails if
 *     there is no point in trying again
 */
record PendingBase(
    Reason reason,
    Origin origin,
    long armedRevision,
    long epoch,
    CompletableFuture<Optional<Captured>> captured) {

  /**
   * @param capturedAt when the member was in this state, by our clock
   */
  record Captured(Path file, Instant capturedAt) {}
}
