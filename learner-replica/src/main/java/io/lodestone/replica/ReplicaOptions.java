package io.lodestone.replica;

import io.lodestone.client.ClientOptions;
import io.lodestone.server.config.StoreConfig;
import java.time.Duration;

/**
 * What a replica has to be told. Immutable.
 *
 * @param source the cluster to copy; where it has authentication on, the user needs the root role
 * @param lookInterval how often to look at what a watch does not tell: leases, compactions, whether
 *     a quiet source is quiet; users and roles are looked at ten times less often
 * @param serving where to listen, and the data directory; what only a store with a log of its own
 *     does is passed over
 * @param forwards whether calls that change something are handed to the source, or refused
 */
public record ReplicaOptions(
    ClientOptions source, Duration lookInterval, StoreConfig serving, boolean forwards) {}
