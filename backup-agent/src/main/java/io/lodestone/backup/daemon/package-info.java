/**
 * The agent that runs for years: {@link AgentDaemon} has one {@link ClusterWorker} for each cluster
 * of its settings; start there.
 *
 * <p>Any number of agents may have the same settings. For each cluster one of them writes: it holds
 * a {@link SourceLease} in the cluster, and the log's epoch in the repository. The lease decides
 * who tries; the epoch alone keeps the log whole, whatever becomes of the lease.
 *
 * <p>Clusters share nothing but the schedules' clock, so that what fails for one leaves the others
 * alone. The threads are in {@code docs/threads.md}.
 */
package io.lodestone.backup.daemon;
