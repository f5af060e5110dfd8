package io.lodestone.auth;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.List;

/**
 * What one user may do with the keyspace at one auth revision. The order of checks is etcd's: it
 * decides which refusal is answered. Thread-safe if {@code leaseKeys} is.
 */
public final class Permissions {
  private final AuthView view;
  private final Identity who;
  private final LeaseKeys leaseKeys;
  private final AuthRules rules;

  public Permissions(AuthView view, Identity who, LeaseKeys leaseKeys) {
    this(view, who, leaseKeys, AuthRules.ETCD_3_5);
  }

  Permissions(AuthView view, Identity who, LeaseKeys leaseKeys, AuthRules rules) {
    this.view = view;
    this.who = who;
    this.leaseKeys = leaseKeys;
    this.rules = rules;
  }

  /** Requests that need no permission on keys pass. */
  void check(InternalRaftRequest request) {
    if (request.hasPut()) {
      check(request.getPut());
    } else if (request.hasRange()) {
      check(request.getRange());
    } else if (request.hasDeleteRange()) {
      check(request.getDeleteRange());
    } else if (request.hasTxn()) {
      check(request.getTxn());
    } else if (request.hasLeaseRevoke()) {
      checkLeaseWritable(request.getLeaseRevoke().getID());
    }
  }

  private void check(PutRequest put) {
    view.checkPut(who, put.getKey());
    checkLeaseWritable(put.getLease());
    checkPrevious(put);
  }

  private void checkPrevious(PutRequest put) {
    if (put.getPrevKv()) {
      view.checkRange(who, KeyRange.single(put.getKey()));
    }
  }

  public void check(RangeRequest range) {
    view.checkRange(who, new KeyRange(range.getKey(), range.getRangeEnd()));
  }

  private void check(DeleteRangeRequest delete) {
    KeyRange range = new KeyRange(delete.getKey(), delete.getRangeEnd());
    view.checkDelete(who, range);
    if (delete.getPrevKv()) {
      view.checkRange(who, range);
    }
  }

  /** All compares and both branches, whichever is taken. */
  public void check(TxnRequest txn) {
    if (!view.enabled()) {
      return;
    }
    for (Compare compare : txn.getCompareList()) {
      view.checkRange(who, new KeyRange(compare.getKey(), compare.getRangeEnd()));
    }
    check(txn.getSuccessList());
    check(txn.getFailureList());
  }

  /** As deep as the protocol parser has let it be: a hundred levels. */
  private void check(List<RequestOp> operations) {
    for (RequestOp operation : operations) {
      switch (operation.getRequestCase()) {
        case REQUEST_RANGE -> check(operation.getRequestRange());
        case REQUEST_PUT -> checkWithin(operation.getRequestPut());
        case REQUEST_DELETE_RANGE -> checkWithin(operation.getRequestDeleteRange());
        case REQUEST_TXN -> {
          if (rules.checksNestedTransactions()) {
            check(operation.getRequestTxn());
          }
        }
        case REQUEST_NOT_SET -> {
          // Does nothing, so nobody minds.
        }
      }
    }
  }

  private void checkWithin(PutRequest put) {
    if (rules.checksLeasesInTransactions()) {
      check(put);
      return;
    }
    view.checkPut(who, put.getKey());
    checkPrevious(put);
  }

  /** Within a transaction etcd asks for the read first. */
  private void checkWithin(DeleteRangeRequest delete) {
    KeyRange range = new KeyRange(delete.getKey(), delete.getRangeEnd());
    if (delete.getPrevKv()) {
      view.checkRange(who, range);
    }
    view.checkDelete(who, range);
  }

  /** May write every key of the lease, as who attaches to it, renews or revokes it must. */
  public void checkLeaseWritable(long lease) {
    if (lease == 0 || view.isAdmin(who)) {
      return;
    }
    for (ByteString key : leaseKeys.ofLease(lease)) {
      view.checkPut(who, key);
    }
  }

  /** May read every key of the lease, as who asks for its keys must. */
  public void checkLeaseReadable(long lease) {
    if (lease == 0 || view.isAdmin(who)) {
      return;
    }
    for (ByteString key : leaseKeys.ofLease(lease)) {
      view.checkRange(who, KeyRange.single(key));
    }
  }
}
