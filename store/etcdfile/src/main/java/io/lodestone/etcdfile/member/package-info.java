/**
 * A member's data directory: the database and the raft log beside it.
 *
 * <p>{@link io.lodestone.etcdfile.member.MemberDirectorySink} writes the directories of a new
 * cluster; {@link io.lodestone.etcdfile.member.MemberDirectorySource} reads that of a stopped
 * member, its log included. Confined to one thread each.
 */
package io.lodestone.etcdfile.member;
