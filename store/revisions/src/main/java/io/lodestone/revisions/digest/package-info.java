/**
 * Proofs that two keyspaces are the same: {@link HashKv} as stock etcd computes it, and {@link
 * KeyspaceDigest}, our own, which is strong, does not depend on the order of rows, and can be
 * narrowed down ({@link Differences}) to the keys that differ.
 *
 * <p>All of it works on a {@link io.lodestone.revisions.RowScan} in several passes, so that memory
 * is bounded by one bit for each row below the compact revision plus a fixed budget, not by the
 * number of keys. Confined to the calling thread.
 */
package io.lodestone.revisions.digest;
