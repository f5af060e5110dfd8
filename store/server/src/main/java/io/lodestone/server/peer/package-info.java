/**
 * What members ask each other outside the log: what only the leader knows, and what a new member
 * needs to know first. Start reading at {@link io.lodestone.server.peer.PeerAnswers}; {@link
 * io.lodestone.server.peer.LeaderCalls} asks.
 */
package io.lodestone.server.peer;
