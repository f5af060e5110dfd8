package io.lodestone.mvcc.log;

import io.lodestone.api.etcdserverpb.InternalRaftRequest;

/**
 * One command of the replicated log, as etcd's own log holds it: exactly one of the request's
 * fields is set, beside its header with the user who proposed it. Immutable.
 *
 * @param index position in the log, ascending without repetition; what the engine has applied
 *     already is passed over
 * @param term of the leader that proposed it
 */
public record LogEntry(long index, long term, InternalRaftRequest request) {}
