package io.lodestone.mvcc;

import java.time.Duration;

/**
 * How an engine works. Immutable.
 *
 * @param minLeaseTtl shorter leases are granted with this TTL; etcd's is 1.5 election timeouts,
 *     rounded up to seconds
 * @param memberId whose alarms the engine raises itself
 * @param quotaBytes of {@link Engine#sizeBytes}; 0 for etcd's default of 2 GiB, negative for none
 * @param bcryptCost of passwords that the log carries in the clear
 * @param cacheBytes for blocks and write buffers together
 */
public record EngineOptions(
    Duration minLeaseTtl, long memberId, long quotaBytes, int bcryptCost, long cacheBytes) {
  public static final EngineOptions DEFAULT =
      new EngineOptions(Duration.ofSeconds(2), 0, 0, 10, 64 << 20);
}
