/**
 * etcd's state machine as far as a log's entries need it: transactions, leases, permissions and
 * alarms, applied to the few keys that they touch.
 *
 * <p>Start at {@link io.lodestone.etcdfile.replay.LogTail}. Apply is deterministic and knows no
 * clock; what etcd refuses while applying changes nothing. Confined to one thread.
 */
package io.lodestone.etcdfile.replay;
