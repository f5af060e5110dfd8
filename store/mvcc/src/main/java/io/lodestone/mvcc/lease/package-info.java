/**
 * The leases: what the log says of them, and, on the leader, the clocks that run. Start reading at
 * {@link LeaseTable}. Grants, revocations and checkpoints come from the apply thread; renewals and
 * questions from any.
 */
package io.lodestone.mvcc.lease;
