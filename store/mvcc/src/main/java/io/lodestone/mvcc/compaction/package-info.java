/**
 * Drops what was superseded, and computes etcd's hashes over what is stored. Start reading at
 * {@link Compactor}.
 *
 * <p>A compaction counts from the moment it was accepted: reads below it fail at once. The rows go
 * later, on a thread of its own, in small batches. They are found through what changed since the
 * compaction before, so that the cost does not depend on the number of keys.
 *
 * <p>A worked example. Three puts of a (2, 3, 4), a deletion of a (5), a put of b (6):
 *
 * <pre>
 * compact(3): 2 goes, since 3 supersedes it.              Left: 3 4 5 6
 * compact(5): 3 and 4 go; the deletion at exactly 5 stays. Left: 5 6
 * compact(6): the deletion goes.                           Left: 6
 * </pre>
 */
package io.lodestone.mvcc.compaction;
