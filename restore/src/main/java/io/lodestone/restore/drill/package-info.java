/**
 * Proof by doing: a stream is restored twice, into a store and into an etcd member directory, by
 * two implementations that share nothing but the stream, and what they hold is compared. Start at
 * {@link io.lodestone.restore.drill.Drill}. Confined to the calling thread.
 */
package io.lodestone.restore.drill;
