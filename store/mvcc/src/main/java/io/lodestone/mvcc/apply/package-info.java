/**
 * Applies committed requests to the keyspace and to everything beside it, as every etcd member
 * does. Deterministic: no clock, no randomness, no hash order. Start reading at {@link Applier}.
 *
 * <p>Entries are applied one by one to a {@link Draft}, which lays what they change over what is
 * stored, so that any number of them costs one write. Confined to the apply thread.
 */
package io.lodestone.mvcc.apply;
