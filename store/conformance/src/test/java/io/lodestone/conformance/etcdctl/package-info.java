/**
 * Stock etcdctl and etcdutl, typed at both sides. Start at {@link
 * io.lodestone.conformance.etcdctl.EtcdctlTest}; the commands stand in {@link
 * io.lodestone.conformance.etcdctl.Scripts}. One test is one command and builds on those before it.
 *
 * <p>Exit code, output and errors must be equal once {@link io.lodestone.conformance.etcdctl.Masks}
 * has hidden what cannot be: ids that a server made up (numbered by appearance within a command),
 * addresses, folders, times, sizes, positions in the raft log, and the width of tables. Steps that
 * are told to measure hide every number: status, remaining time, the hash of a snapshot file.
 * {@code -Dlodestone.conformance.show=1} prints what was said.
 *
 * <p>{@code endpoint hashkv} stands before the leases, since etcdctl cannot choose the id of a
 * lease and the id is hashed with the key that holds it.
 */
package io.lodestone.conformance.etcdctl;
