package io.lodestone.server.kv;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.AlarmRequest;
import io.lodestone.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.lodestone.api.etcdserverpb.AlarmType;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.mvcc.Engine;
import io.lodestone.server.proposal.Submissions;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses what would grow the store beyond {@code --quota-backend-bytes}, and then raises the
 * NOSPACE alarm, which refuses all growth until a person disarms it. Thread-safe.
 */
public final class Quota {
  private static final Logger log = LoggerFactory.getLogger(Quota.class);

  /** etcd's estimates of what a request adds beside its bytes. */
  private static final int KEY_OVERHEAD = 256;

  private static final int LEASE_OVERHEAD = 64;

  private final Engine engine;
  private final Submissions submissions;
  private final long memberId;
  private final long maxBytes;

  /** {@code maxBytes} 0 or less means no quota. */
  public Quota(Engine engine, Submissions submissions, long memberId, long maxBytes) {
    this.engine = engine;
    this.submissions = submissions;
    this.memberId = memberId;
    this.maxBytes = maxBytes;
  }

  void require(long bytes) {
    requireRoom(KEY_OVERHEAD + bytes);
  }

  void require(TxnRequest txn) {
    if (maxBytes > 0) {
      requireRoom(cost(txn));
    }
  }

  /** For a lease to be granted. */
  public void requireLease() {
    requireRoom(LEASE_OVERHEAD);
  }

  private static long cost(TxnRequest txn) {
    return Math.max(cost(txn.getSuccessList()), cost(txn.getFailureList()));
  }

  /** Nested transactions count for nothing, as in etcd. */
  private static long cost(List<RequestOp> branch) {
    return branch.stream()
        .filter(RequestOp::hasRequestPut)
        .map(RequestOp::getRequestPut)
        .mapToLong(put -> KEY_OVERHEAD + put.getKey().size() + put.getValue().size())
        .sum();
  }

  /** A request that adds nothing is always let through. */
  private void requireRoom(long bytes) {
    if (maxBytes <= 0 || bytes == 0 || engine.sizeBytes() + bytes < maxBytes) {
      return;
    }
    raise();
    throw new StoreException(ErrorCode.NO_SPACE);
  }

  private void raise() {
    if (engine.alarms().noSpace()) {
      return;
    }
    log.atWarn()
        .addKeyValue("sizeBytes", engine.sizeBytes())
        .addKeyValue("quotaBytes", maxBytes)
        .log("the store is full: raising the NOSPACE alarm; compact, defragment, then disarm it");
    var alarm =
        AlarmRequest.newBuilder()
            .setAction(AlarmAction.ACTIVATE)
            .setMemberID(memberId)
            .setAlarm(AlarmType.NOSPACE);
    var unused =
        submissions
            .submitOwn(InternalRaftRequest.newBuilder().setAlarm(alarm))
            .whenComplete(
                (response, failure) -> {
                  if (failure != null) {
                    log.atWarn().setCause(failure).log("cannot raise the NOSPACE alarm");
                  }
                });
  }
}
