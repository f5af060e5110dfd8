package io.lodestone.etcdfile.replay;

import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The operations that a transaction will run, flattened: etcd evaluates all compares, those of
 * nested transactions too, before the first operation. Immutable.
 */
final class TxnPlan {
  private final List<RequestOp> operations = new ArrayList<>();

  TxnPlan(TxnRequest txn, Compares compares) {
    flatten(txn, compares);
  }

  private void flatten(TxnRequest txn, Compares compares) {
    List<RequestOp> branch = compares.hold(txn) ? txn.getSuccessList() : txn.getFailureList();
    for (RequestOp operation : branch) {
      if (operation.hasRequestTxn()) {
        flatten(operation.getRequestTxn(), compares);
      } else {
        operations.add(operation);
      }
    }
  }

  boolean passes(Predicate<PutRequest> put, Predicate<RangeRequest> range) {
    return operations.stream()
        .allMatch(
            operation ->
                (!operation.hasRequestPut() || put.test(operation.getRequestPut()))
                    && (!operation.hasRequestRange() || range.test(operation.getRequestRange())));
  }

  void run(RevisionBuilder revision) {
    for (RequestOp operation : operations) {
      if (operation.hasRequestPut()) {
        revision.put(operation.getRequestPut());
      } else if (operation.hasRequestDeleteRange()) {
        revision.delete(Requests.range(operation.getRequestDeleteRange()));
      }
    }
  }

  /** Whether any branch of the transaction, taken or not, has a put that the rules look at. */
  static boolean mayPut(TxnRequest txn, ApplyRules rules) {
    return mayPut(txn.getSuccessList(), rules) || mayPut(txn.getFailureList(), rules);
  }

  private static boolean mayPut(List<RequestOp> operations, ApplyRules rules) {
    return operations.stream()
        .anyMatch(
            operation ->
                operation.hasRequestPut()
                    || (rules.checksNestedTransactions()
                        && operation.hasRequestTxn()
                        && mayPut(operation.getRequestTxn(), rules)));
  }
}
