/**
 * Talks to living etcd clusters. {@link io.lodestone.client.EtcdConnection} reaches the members,
 * {@link io.lodestone.client.LivingCluster} follows all they do as a stream of revisions.
 *
 * <p>Start reading at {@code LivingCluster}, then {@code TailReader} (the thread that keeps the
 * watch alive), {@code Spool} (the queue to the reader) and {@code LiveStream} (the reader's end).
 *
 * <p>{@code PrefixCluster} follows the keys below a prefix for users who may read no others; it is
 * simpler in all, and what follows here holds for whole clusters.
 *
 * <p>Invariants: a watch is armed on a member before that member's snapshot is taken; only whole
 * revisions leave the spool, each once, without a gap; a watch is resumed behind the last whole
 * revision and never at the compact revision; every answer is checked to be of the same cluster;
 * the thread that reads a watch never waits for the reader of the stream.
 */
package io.lodestone.client;
