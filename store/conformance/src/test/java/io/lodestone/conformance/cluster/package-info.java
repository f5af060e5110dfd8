/**
 * What clients of a cluster saw while its members were killed and paused, and whether that is the
 * history of one store: start reading at {@link
 * io.lodestone.conformance.cluster.ClusterHistoryTest}.
 */
package io.lodestone.conformance.cluster;
