/**
 * How members of etcd talk to each other: HTTP/1.1, with endless answers as streams. Start reading
 * at {@link io.lodestone.replica.peer.PeerNetwork}, which is the whole of it for one learner.
 *
 * <p>A member's messages come in the answers to our own requests ({@code GET /raft/stream/...}, one
 * for appended entries and one for the rest), or are posted to our port ({@code POST /raft}); a
 * database always is ({@code POST /raft/snapshot}). What we have to say is posted. All that arrives
 * waits in one bounded {@link io.lodestone.replica.peer.Inbox}, in front of one thread.
 *
 * <p>Invariant: lengths that are told from outside are checked before anything is allocated.
 */
package io.lodestone.replica.peer;
