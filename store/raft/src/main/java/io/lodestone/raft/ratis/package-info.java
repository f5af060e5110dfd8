/**
 * Consensus by Apache Ratis: the only package that knows its types. {@link
 * io.lodestone.raft.ratis.RatisConsensus} is the way in and the parts list.
 *
 * <p>What is proposed goes through {@link io.lodestone.raft.ratis.Outbox}, which packs commands
 * into entries and sends them to the leader; what is committed comes out at {@link
 * io.lodestone.raft.ratis.ReplicatedMachine}, on Ratis' thread that applies. Reads ask {@link
 * io.lodestone.raft.ratis.ReadIndex} how far the log was. Members talk to each other about all of
 * this by {@link io.lodestone.raft.ratis.PeerService}, on the port that Ratis has open anyway.
 */
package io.lodestone.raft.ratis;
