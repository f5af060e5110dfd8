package io.lodestone.etcdfile.replay;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.auth.KeyRanges;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The keys whose state the requests of a log may read or change, whichever way their compares go.
 * Memory grows with the requests, not with the keyspace. Confined to one thread.
 */
final class TouchedKeys {
  private final KeyRanges keys = new KeyRanges();
  private final KeyRanges values = new KeyRanges();
  private final Set<Long> leases = new HashSet<>();
  private boolean permissionsMatter;

  /** From now on whoever uses a lease must be allowed to write all its keys. */
  void permissionsMatter() {
    permissionsMatter = true;
  }

  void add(InternalRaftRequest request) {
    if (request.hasPut()) {
      put(request.getPut());
    }
    if (request.hasDeleteRange()) {
      keys.add(Requests.range(request.getDeleteRange()));
    }
    if (request.hasTxn()) {
      txn(request.getTxn());
    }
    if (request.hasLeaseRevoke()) {
      leases.add(request.getLeaseRevoke().getID());
    }
    if (request.hasAuthEnable()) {
      permissionsMatter();
    }
  }

  boolean isKey(ByteString key) {
    return keys.contains(key);
  }

  boolean isValue(ByteString key) {
    return values.contains(key);
  }

  boolean anyLease() {
    return !leases.isEmpty();
  }

  boolean isLease(long lease) {
    return leases.contains(lease);
  }

  private void put(PutRequest put) {
    KeyRange key = KeyRange.single(put.getKey());
    keys.add(key);
    if (put.getIgnoreValue()) {
      values.add(key);
    }
    if (permissionsMatter && put.getLease() != 0) {
      leases.add(put.getLease());
    }
  }

  private void txn(TxnRequest txn) {
    for (Compare compare : txn.getCompareList()) {
      KeyRange range = Requests.range(compare);
      keys.add(range);
      if (compare.getTarget() == Compare.CompareTarget.VALUE) {
        values.add(range);
      }
    }
    operations(txn.getSuccessList());
    operations(txn.getFailureList());
  }

  /** As deep as the protocol parser has let it be: a hundred levels. */
  private void operations(List<RequestOp> operations) {
    for (RequestOp operation : operations) {
      if (operation.hasRequestPut()) {
        put(operation.getRequestPut());
      } else if (operation.hasRequestDeleteRange()) {
        keys.add(Requests.range(operation.getRequestDeleteRange()));
      } else if (operation.hasRequestTxn()) {
        txn(operation.getRequestTxn());
      }
    }
  }
}
