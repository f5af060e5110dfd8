/**
 * etcd's Watch service over {@link io.lodestone.mvcc.watch.WatchHub}. Start at {@link
 * io.lodestone.server.watch.WatchService}.
 *
 * <p>A client's stream is a {@link io.lodestone.server.watch.WatchStream}: its requests come on the
 * call's thread, its watchers' news on the watch thread, and both go through one bounded {@link
 * io.lodestone.server.watch.Outbox}. Events are written as the hub has encoded them, once for all
 * streams.
 */
package io.lodestone.server.watch;
