/**
 * The log, as the services see it: they propose etcd's own {@code InternalRaftRequest}s and learn
 * what applying them came to. {@link io.lodestone.server.proposal.Proposals} is the seam; one
 * member alone commits through {@link io.lodestone.server.proposal.DirectProposals}.
 */
package io.lodestone.server.proposal;
