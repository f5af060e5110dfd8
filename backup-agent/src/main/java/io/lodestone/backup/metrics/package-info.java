/**
 * What an agent tells about itself while it runs: {@link AgentMetrics} for Prometheus, with one
 * {@link ClusterMetrics} for each cluster, and {@link StatusPort}, which serves both this and the
 * agent's health over HTTP. All of it is thread-safe.
 */
package io.lodestone.backup.metrics;
