package io.lodestone.server.kv;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What etcd refuses before it asks its log. Stateless. */
public final class RequestChecks {
  private RequestChecks() {}

  static void check(RangeRequest request) {
    requireKey(request.getKey());
  }

  static void check(PutRequest request) {
    requireKey(request.getKey());
    if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
      throw new StoreException(ErrorCode.VALUE_PROVIDED);
    }
    if (request.getIgnoreLease() && request.getLease() != 0) {
      throw new StoreException(ErrorCode.LEASE_PROVIDED);
    }
  }

  public static void check(DeleteRangeRequest request) {
    requireKey(request.getKey());
  }

  /**
   * {@code maxOps} counts the larger of compares, then-operations and else-operations; a nested
   * transaction gets what its parent left.
   */
  public static void check(TxnRequest txn, int maxOps) {
    checkOperations(txn, maxOps);
    touched(txn.getSuccessList());
    touched(txn.getFailureList());
  }

  private static void requireKey(ByteString key) {
    if (key.isEmpty()) {
      throw new StoreException(ErrorCode.EMPTY_KEY);
    }
  }

  private static void checkOperations(TxnRequest txn, int maxOps) {
    int operations =
        Math.max(txn.getCompareCount(), Math.max(txn.getSuccessCount(), txn.getFailureCount()));
    if (operations > maxOps) {
      throw new StoreException(ErrorCode.TOO_MANY_OPERATIONS);
    }
    for (Compare compare : txn.getCompareList()) {
      requireKey(compare.getKey());
    }
    for (RequestOp op : txn.getSuccessList()) {
      checkOperation(op, maxOps - operations);
    }
    for (RequestOp op : txn.getFailureList()) {
      checkOperation(op, maxOps - operations);
    }
  }

  private static void checkOperation(RequestOp op, int maxOps) {
    switch (op.getRequestCase()) {
      case REQUEST_RANGE -> check(op.getRequestRange());
      case REQUEST_PUT -> check(op.getRequestPut());
      case REQUEST_DELETE_RANGE -> check(op.getRequestDeleteRange());
      case REQUEST_TXN -> checkOperations(op.getRequestTxn(), maxOps);
      case REQUEST_NOT_SET -> throw new StoreException(ErrorCode.KEY_NOT_FOUND);
    }
  }

  /** The keys that one branch puts and deletes, nested transactions included. */
  private record Touched(Set<ByteString> puts, DeletedKeys deletes) {
    void put(ByteString key) {
      if (!puts.add(key) || deletes.contains(key)) {
        throw new StoreException(ErrorCode.DUPLICATE_KEY);
      }
    }
  }

  /**
   * Refuses a branch that would change a key twice, with etcd's blind spots: what a nested
   * transaction deletes is known only to the operations behind it, and the two branches of one
   * nested transaction exclude each other.
   */
  private static Touched touched(List<RequestOp> branch) {
    Touched all = new Touched(new HashSet<>(), new DeletedKeys());
    for (RequestOp op : branch) {
      if (op.hasRequestDeleteRange()) {
        all.deletes.add(
            op.getRequestDeleteRange().getKey(), op.getRequestDeleteRange().getRangeEnd());
      }
    }
    for (RequestOp op : branch) {
      if (op.hasRequestTxn()) {
        addNested(all, op.getRequestTxn());
      }
    }
    for (RequestOp op : branch) {
      if (op.hasRequestPut()) {
        all.put(op.getRequestPut().getKey());
      }
    }
    return all;
  }

  private static void addNested(Touched all, TxnRequest nested) {
    Touched then = touched(nested.getSuccessList());
    Touched otherwise = touched(nested.getFailureList());
    then.puts.forEach(all::put);
    for (ByteString key : otherwise.puts) {
      if (!then.puts.contains(key)) {
        all.put(key);
      }
    }
    all.deletes.addAll(then.deletes);
    all.deletes.addAll(otherwise.deletes);
  }
}
