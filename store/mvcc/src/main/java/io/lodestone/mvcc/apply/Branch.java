package io.lodestone.mvcc.apply;

import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.mvcc.keyspace.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The branch of a transaction that its compares have chosen, and those of the transactions nested
 * in it, in order. All compares are evaluated before the first operation. Immutable.
 */
record Branch(boolean succeeded, List<RequestOp> operations, List<Branch> nested) {

  static Branch choose(TxnRequest txn, Keys keys) {
    boolean holds =
        txn.getCompareList().stream().allMatch(compare -> Compares.holds(compare, keys));
    List<RequestOp> operations = holds ? txn.getSuccessList() : txn.getFailureList();
    List<Branch> nested = new ArrayList<>();
    for (RequestOp operation : operations) {
      if (operation.hasRequestTxn()) {
        nested.add(choose(operation.getRequestTxn(), keys));
      }
    }
    return new Branch(holds, operations, nested);
  }

  /** Shows the puts that will run, nested ones too, in order. */
  void puts(Consumer<PutRequest> visitor) {
    each(
        operation -> {
          if (operation.hasRequestPut()) {
            visitor.accept(operation.getRequestPut());
          }
        });
  }

  /** Shows the ranges that will run, nested ones too, in order. */
  void ranges(Consumer<RangeRequest> visitor) {
    each(
        operation -> {
          if (operation.hasRequestRange()) {
            visitor.accept(operation.getRequestRange());
          }
        });
  }

  private void each(Consumer<RequestOp> visitor) {
    int next = 0;
    for (RequestOp operation : operations) {
      if (operation.hasRequestTxn()) {
        nested.get(next++).each(visitor);
      } else {
        visitor.accept(operation);
      }
    }
  }

  /** Fails where a range asks for the future or for what was compacted. */
  void checkRanges(long revision, long compactRevision) {
    ranges(
        range -> {
          long at = range.getRevision();
          if (at > revision) {
            throw new StoreException(ErrorCode.FUTURE_REVISION);
          }
          if (at != 0 && at < compactRevision) {
            throw new StoreException(ErrorCode.COMPACTED);
          }
        });
  }
}
