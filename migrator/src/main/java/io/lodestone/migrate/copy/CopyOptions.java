package io.lodestone.migrate.copy;

import io.lodestone.client.ClientOptions;
import java.time.Duration;
import java.util.Optional;

/**
 * What a copy has to be told. Immutable.
 *
 * @param checkpointKey where the destination remembers what it has; empty for a key made of the
 *     source's cluster id and prefix
 * @param maxTxnOps how many operations a transaction of the destination may have
 * @param leases whether keys get leases there, which live as long as the source's
 * @param once to make both sides equal as of now, and to end
 * @param patience how long the destination may be away
 */
public record CopyOptions(
    ClientOptions source,
    ClientOptions destination,
    KeyMapping mapping,
    Optional<String> checkpointKey,
    int maxTxnOps,
    boolean leases,
    boolean once,
    Duration patience) {}
