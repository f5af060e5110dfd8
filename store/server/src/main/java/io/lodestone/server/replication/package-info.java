/**
 * An engine that is one of several equal ones: start reading at {@link
 * io.lodestone.server.replication.Command}, which is what the log carries, then {@link
 * io.lodestone.server.replication.ReplicatedEngine}, which applies it, and {@link
 * io.lodestone.server.replication.RaftProposals}, which proposes it.
 */
package io.lodestone.server.replication;
