/**
 * The raft log on a member's disk: WAL files and .snap files.
 *
 * <p>Start at {@link io.lodestone.etcdfile.wal.FreshLog} for writing the log of a new cluster and
 * {@link io.lodestone.etcdfile.wal.MemberLog} for reading that of a stopped member. A torn end is
 * tolerated exactly where etcd tolerates it; damage before it is named with its file and offset.
 */
package io.lodestone.etcdfile.wal;
