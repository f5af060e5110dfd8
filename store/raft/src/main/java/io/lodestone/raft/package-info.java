/**
 * Consensus, for a state machine it knows nothing about: start reading at {@link
 * io.lodestone.raft.Consensus}, which proposes, and {@link io.lodestone.raft.ReplicatedState},
 * which is what gets replicated. {@link io.lodestone.raft.ratis} does it with Apache Ratis, whose
 * types stay there.
 */
package io.lodestone.raft;
