package io.lodestone.client;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How a {@link LivingCluster} is followed. Immutable.
 *
 * @param spoolDirectory where snapshots and what the reader has not yet taken are kept meanwhile;
 *     each stream makes a directory of its own in it, and removes it when closed
 * @param memoryBytes how much of the tail waits in memory before it goes to disk
 * @param diskBytes how much of the tail may wait on disk; beyond that the stream fails
 * @param heartbeatInterval how often a quiet cluster is asked whether it really is quiet; also how
 *     often leases and the compact revision are looked at
 * @param authInterval how often users and roles are looked at; each time costs the cluster a
 *     consensus round
 * @param leaseRefreshInterval how old the remaining TTL of a lease may get
 * @param stallTimeout how long a watch may stay behind the cluster before another member is watched
 * @param ownAuthChanges whether we ourselves change users and roles now, so that a change of them
 *     is no news; asked from another thread
 * @param longestTail how many revisions are read by a watch that begins behind the cluster; where
 *     there are more, a base takes their place: a member of etcd reads all that is to come again
 *     for each thousand that it tells
 */
public record FollowOptions(
    Path spoolDirectory,
    long memoryBytes,
    long diskBytes,
    Duration heartbeatInterval,
    Duration authInterval,
    Duration leaseRefreshInterval,
    Duration stallTimeout,
    SnapshotProgress progress,
    BooleanSupplier ownAuthChanges,
    long longestTail) {

  private static final long DEFAULT_MEMORY_BYTES = 16L << 20;
  private static final long DEFAULT_DISK_BYTES = 8L << 30;

  /** 16 MiB in memory, 8 GiB on disk, a look every second. */
  public static FollowOptions in(Path spoolDirectory) {
    return new FollowOptions(
        spoolDirectory,
        DEFAULT_MEMORY_BYTES,
        DEFAULT_DISK_BYTES,
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofMinutes(1),
        Duration.ofSeconds(10),
        SnapshotProgress.SILENT,
        () -> false,
        Long.MAX_VALUE);
  }

  public FollowOptions withSpool(long memory, long disk) {
    return new FollowOptions(
        spoolDirectory,
        memory,
        disk,
        heartbeatInterval,
        authInterval,
        leaseRefreshInterval,
        stallTimeout,
        progress,
        ownAuthChanges,
        longestTail);
  }

  /** The intervals of heartbeats, looks at users and roles, and looks at remaining TTLs. */
  public FollowOptions withIntervals(Duration heartbeat, Duration auth, Duration leaseRefresh) {
    return new FollowOptions(
        spoolDirectory,
        memoryBytes,
        diskBytes,
        heartbeat,
        auth,
        leaseRefresh,
        stallTimeout,
        progress,
        ownAuthChanges,
        longestTail);
  }

  public FollowOptions withProgress(SnapshotProgress listener) {
    return new FollowOptions(
        spoolDirectory,
        memoryBytes,
        diskBytes,
        heartbeatInterval,
        authInterval,
        leaseRefreshInterval,
        stallTimeout,
        listener,
        ownAuthChanges,
        longestTail);
  }

  public FollowOptions withOwnAuthChanges(BooleanSupplier now) {
    return new FollowOptions(
        spoolDirectory,
        memoryBytes,
        diskBytes,
        heartbeatInterval,
        authInterval,
        leaseRefreshInterval,
        stallTimeout,
        progress,
        now,
        longestTail);
  }

  /** With a new base wherever the cluster is more than {@code revisions} ahead. */
  public FollowOptions withLongestTail(long revisions) {
    return new FollowOptions(
        spoolDirectory,
        memoryBytes,
        diskBytes,
        heartbeatInterval,
        authInterval,
        leaseRefreshInterval,
        stallTimeout,
        progress,
        ownAuthChanges,
        revisions);
  }
}
