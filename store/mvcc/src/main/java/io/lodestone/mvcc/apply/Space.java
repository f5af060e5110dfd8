package io.lodestone.mvcc.apply;

import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.List;

/**
 * The room that the quota leaves. What a request costs is reckoned as etcd does: puts within nested
 * transactions are free. Immutable.
 *
 * @param quotaBytes negative for no quota
 */
public record Space(long quotaBytes) {
  private static final long DEFAULT_QUOTA_BYTES = 2L << 30;
  private static final long LEASE_BYTES = 64;
  private static final long KEY_BYTES = 256;

  public Space {
    quotaBytes = quotaBytes == 0 ? DEFAULT_QUOTA_BYTES : quotaBytes;
  }

  /** Whether a request fits into a store of {@code sizeBytes}. */
  public boolean fits(InternalRaftRequest request, long sizeBytes) {
    if (quotaBytes < 0) {
      return true;
    }
    long cost = cost(request);
    return cost == 0 || sizeBytes + cost < quotaBytes;
  }

  /** In bytes; 0 for requests that may always pass. */
  static long cost(InternalRaftRequest request) {
    if (request.hasPut()) {
      return cost(request.getPut());
    }
    if (request.hasTxn()) {
      return cost(request.getTxn());
    }
    return request.hasLeaseGrant() ? LEASE_BYTES : 0;
  }

  private static long cost(PutRequest put) {
    return KEY_BYTES + put.getKey().size() + put.getValue().size();
  }

  private static long cost(TxnRequest txn) {
    return Math.max(cost(txn.getSuccessList()), cost(txn.getFailureList()));
  }

  private static long cost(List<RequestOp> operations) {
    long sum = 0;
    for (RequestOp operation : operations) {
      sum += operation.hasRequestPut() ? cost(operation.getRequestPut()) : 0;
    }
    return sum;
  }
}
