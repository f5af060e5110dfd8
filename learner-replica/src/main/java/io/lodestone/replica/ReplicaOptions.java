package io.lodestone.replica;

import io.lodestone.client.ClientOptions;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.server.config.StoreConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a replica has to be told. Immutable.
 *
 * @param source the cluster to copy; where it has authentication on, the user needs the root role
 * @param lookInterval how often to look at what a watch does not tell: leases, compactions, whether
 *     a quiet source is quiet; users and roles are looked at ten times less often
 * @param serving where to listen, and the data directory; what only a store with a log of its own
 *     does is passed over
 * @param forwards whether calls that change something are handed to the source, or refused
 * @param verifyInterval how often to compare HashKV with the source; empty for never
 * @param seed where the first base comes from, if not from the source itself; only for {@link
 *     Mode#WATCH}
 * @param mode how to follow; {@link Mode#RAFT} listens where {@code serving} says that members are
 *     listened to
 */
public record ReplicaOptions(
    ClientOptions source,
    Duration lookInterval,
    StoreConfig serving,
    boolean forwards,
    Optional<Duration> verifyInterval,
    Optional<Seed> seed,
    Mode mode) {

  /** Another place that holds the history of a cluster, for example a backup repository. */
  @FunctionalInterface
  public interface Seed {
    /** Fails with a hint where it holds nothing of that cluster. */
    RevisionSource of(long clusterId) throws IOException;
  }
}
