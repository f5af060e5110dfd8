/**
 * A living cluster as a sink: repeats on it, revision by revision, what another cluster did, so
 * that both have the same history. {@link io.lodestone.client.lockstep.LockstepSink} is the sink;
 * one revision becomes one transaction ({@code RevisionTxn}), sent one after the other ({@code
 * OrderedWrites}), or, where several small ones wait, by concurrent requests each of which makes
 * whichever is next ({@code RevisionRun}).
 *
 * <p>Invariants: the cluster's revision is the only memory of how far it came; what does not lead
 * to exactly the next revision stops the replay ({@link
 * io.lodestone.client.lockstep.DivergedException}); a lease is granted under its own id before a
 * key names it, kept alive, and revoked only when no key is attached.
 */
package io.lodestone.client.lockstep;
