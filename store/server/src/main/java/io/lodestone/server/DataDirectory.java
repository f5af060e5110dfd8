package io.lodestone.server;

import java.nio.file.Path;

/**
 * What lies where in the data directory of a store. Immutable.
 *
 * <pre>{@code
 * <data dir>/store        the engine
 * <data dir>/raft         the log of a member of several
 * <data dir>/members      the cluster's members, and which of them this one is
 * <data dir>/snapshots    snapshot files that are being sent
 * }</pre>
 */
record DataDirectory(Path path) {
  Path engine() {
    return path.resolve("store");
  }

  Path raft() {
    return path.resolve("raft");
  }

  /** What a member that remained alone began; of no use. */
  Path abandonedRaft() {
    return path.resolve("raft.abandoned");
  }

  Path members() {
    return path.resolve("members");
  }

  Path snapshots() {
    return path.resolve("snapshots");
  }
}
