/**
 * Proofs that two running clusters are the same: {@link
 * io.lodestone.migrate.compare.ClusterComparison}. By {@code HashKV} on every member of both sides;
 * where hashes differ, by our own digest over a snapshot of each side, which names the keys. Leases
 * and users are compared beside it.
 *
 * <p>Invariant: a hash counts only together with its compact revision, and never where a member may
 * have answered from what it remembered of a compaction.
 */
package io.lodestone.migrate.compare;
