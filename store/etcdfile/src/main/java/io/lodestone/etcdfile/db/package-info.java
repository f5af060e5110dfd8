/**
 * etcd's database above bbolt: the typed buckets, and snapshot files as source and sink of the
 * stream.
 *
 * <p>Start at {@link io.lodestone.etcdfile.db.EtcdDatabase} for reading and {@link
 * io.lodestone.etcdfile.db.DatabaseDraft} for writing. Rows of the {@code key} bucket are the
 * stream's records to the byte, so nothing is translated on the way. Readers are thread-safe,
 * streams and sinks confined to one thread.
 */
package io.lodestone.etcdfile.db;
