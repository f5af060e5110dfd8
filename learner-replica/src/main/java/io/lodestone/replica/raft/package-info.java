/**
 * The rules by which a Raft learner follows etcd's log, without network or disk. Start reading at
 * {@link io.lodestone.replica.raft.Learner}.
 *
 * <p>Invariant: only what is committed is acknowledged, and only once it is durable. So nothing
 * that is not committed has to outlive the process. The one exception is a learner that was
 * promoted, until it is out of the cluster.
 */
package io.lodestone.replica.raft;
