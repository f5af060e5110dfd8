/**
 * Generated requests, sent to both sides and answered alike, field by field. Start at {@link
 * io.lodestone.conformance.requests.RequestsTest}; {@link
 * io.lodestone.conformance.requests.Everyday}, {@link io.lodestone.conformance.requests.Guarded}
 * and {@link io.lodestone.conformance.requests.Coordination} say what is asked. A run is one seed;
 * calls go out one after another, only reads that stand together are sent together.
 *
 * <p>Not compared literally, and why:
 *
 * <ul>
 *   <li>ids of clusters, members, leases and tokens that a server made up, and keys of locks that
 *       end in such a lease: replaced by symbols in order of appearance, so that equal things still
 *       have to stay equal (the list is {@link io.lodestone.conformance.requests.IdKind});
 *   <li>URLs of members: every server has its own ports;
 *   <li>sizes of files, positions in the raft log, raft terms, {@code Hash}: the engine's own
 *       affair; {@code HashKV} is compared to the bit;
 *   <li>the patch release that Status tells;
 *   <li>a lease's remaining time within one second;
 *   <li>the order of LeaseLeases and of a lease's keys, which in etcd hangs on time and on a map;
 *   <li>how watch events are packed into responses, and the header of a response with events.
 * </ul>
 *
 * <p>Not asked, since stock etcd 3.5.30 dies of it: an unknown sort target; a transaction that
 * deletes a key and then puts it with {@code ignore_value} or {@code ignore_lease}. Not asked,
 * since it would leave a cluster of one member without a majority: a second voter. Not asked, since
 * the answer would depend on time: reads of a hash while a compaction is at work, a compaction
 * while a watcher still reads old revisions, tokens of a raft index to come.
 *
 * <p>Servers run without fsync where they can ({@link
 * io.lodestone.conformance.Contestants#startHasty}), except in {@link
 * io.lodestone.conformance.requests.Crashes}: etcd then loses writes even when only its process is
 * killed.
 */
package io.lodestone.conformance.requests;
