package io.lodestone.server.kv;

import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Tells transactions that cannot write, which never reach the log. Stateless. */
public final class ReadOnly {
  private ReadOnly() {}

  /** Ranges only; a nested transaction counts as writing, as in etcd. */
  public static boolean isReadOnly(TxnRequest txn) {
    return all(txn, RequestOp::hasRequestRange);
  }

  /** Every range may be answered from this member's state, however old. */
  static boolean isSerializable(TxnRequest txn) {
    return all(txn, op -> op.hasRequestRange() && op.getRequestRange().getSerializable());
  }

  private static boolean all(TxnRequest txn, Predicate<RequestOp> condition) {
    return Stream.concat(txn.getSuccessList().stream(), txn.getFailureList().stream())
        .allMatch(condition);
  }
}
