/**
 * The rules by which a Raft learner follows etcd's log, without network or disk. Start reading at
 * {@link io.lodestone.replica.raft.Learner}.
 *
 * <p>Invariant: only what is committed is acknowledged, and only once it is durable. So nothing
 * that is not committed has to outlive the process, and no acknowledgement of ours ever makes an
 * entry committed.
 */
package io.lodestone.replica.raft;
