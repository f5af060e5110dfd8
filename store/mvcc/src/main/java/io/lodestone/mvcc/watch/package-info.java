/**
 * Watchers: who wants to know of which keys' changes, from which revision on. Start at {@link
 * io.lodestone.mvcc.watch.WatchHub}.
 *
 * <p>A watcher is either synced, and told what the apply thread hands over, or unsynced, and reads
 * history until it has caught up. Whoever cannot take what it is offered becomes unsynced at that
 * revision: nothing is kept for it, and nobody waits for it.
 *
 * <p>Invariants: each watcher sees every matching change from its start on exactly once, in order
 * of revision, whole revisions at a time; a progress report never comes before an event of its
 * revision or an earlier one.
 *
 * <p>Threads: {@code watch} owns all watchers and calls all sinks; {@code watch-history} reads
 * storage; the apply thread only hands over.
 */
package io.lodestone.mvcc.watch;
