/**
 * A live copy that serves. {@link io.lodestone.replica.Replica} joins a living cluster to an engine
 * and the engine to a server; start there, then {@code Follower} (the thread that applies what the
 * source did).
 *
 * <p>Invariants: what is served is a state that the source had; the engine's own revision is the
 * only memory of how far the copy has come; a linearizable read never answers with less than what
 * the source had acknowledged when it was asked; a new base replaces the old one only when it is
 * whole.
 */
package io.lodestone.replica;
