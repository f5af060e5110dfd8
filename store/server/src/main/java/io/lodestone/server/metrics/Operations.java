package io.lodestone.server.metrics;

import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.ResponseOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.log.Change;
import java.util.List;
import java.util.Optional;

/**
 * What a request comes to in the operations that etcd counts: a delete is one, however many keys it
 * finds; whoever wants a previous value, and each comparison, reads once. Of comparisons that
 * failed all are counted, where etcd stops at the first. Immutable.
 *
 * @param transactions with more than one operation, the others do not count as such; a transaction
 *     that may write compares in one of its own
 */
record Operations(long ranges, long puts, long deletes, long transactions) {
  static final Operations NONE = new Operations(0, 0, 0, 0);

  private static Operations together(long ranges, long puts, long deletes) {
    return new Operations(ranges, puts, deletes, ranges + puts + deletes > 1 ? 1 : 0);
  }

  /** Of an entry of the log; of one that was refused, none. */
  static Operations of(InternalRaftRequest request, Applied applied, List<Change> changes) {
    if (applied.response().isEmpty()) {
      return NONE;
    }
    if (request.hasPut()) {
      return together(reads(request.getPut()), 1, 0);
    }
    if (request.hasDeleteRange()) {
      return together(reads(request.getDeleteRange()), 0, 1);
    }
    if (request.hasRange() || request.hasCompaction()) {
      return together(1, 0, 0);
    }
    if (request.hasLeaseRevoke()) {
      return together(0, 0, changes.size());
    }
    Optional<TxnResponse> response = applied.response().map(Operations::asTxn);
    return request.hasTxn() && response.isPresent() ? of(request.getTxn(), response.get()) : NONE;
  }

  private static TxnResponse asTxn(Object response) {
    return response instanceof TxnResponse txn ? txn : TxnResponse.getDefaultInstance();
  }

  /** Of a transaction that cannot write. */
  static Operations ofReading(TxnRequest request, TxnResponse response) {
    return together(request.getCompareCount() + branch(request, response).size(), 0, 0);
  }

  private static Operations of(TxnRequest request, TxnResponse response) {
    Count count = new Count();
    count.add(request, response);
    return together(count.checks, 0, 0).plus(together(count.ranges, count.puts, count.deletes));
  }

  private Operations plus(Operations other) {
    return new Operations(
        ranges + other.ranges,
        puts + other.puts,
        deletes + other.deletes,
        transactions + other.transactions);
  }

  private static List<RequestOp> branch(TxnRequest request, TxnResponse response) {
    return response.getSucceeded() ? request.getSuccessList() : request.getFailureList();
  }

  private static long reads(PutRequest put) {
    return put.getPrevKv() || needsKey(put) ? 1 : 0;
  }

  private static boolean needsKey(PutRequest put) {
    return put.getIgnoreValue() || put.getIgnoreLease();
  }

  private static long reads(DeleteRangeRequest delete) {
    return delete.getPrevKv() ? 1 : 0;
  }

  /** Adds up one transaction and those within it. Confined to one call. */
  private static final class Count {
    private long checks;
    private long ranges;
    private long puts;
    private long deletes;

    private void add(TxnRequest request, TxnResponse response) {
      checks += request.getCompareCount();
      List<RequestOp> operations = branch(request, response);
      for (int i = 0; i < operations.size(); i++) {
        add(operations.get(i), response.getResponses(i));
      }
    }

    private void add(RequestOp operation, ResponseOp response) {
      switch (operation.getRequestCase()) {
        case REQUEST_RANGE -> ranges++;
        case REQUEST_PUT -> {
          puts++;
          ranges += reads(operation.getRequestPut());
          checks += needsKey(operation.getRequestPut()) ? 1 : 0;
        }
        case REQUEST_DELETE_RANGE -> {
          deletes++;
          ranges += reads(operation.getRequestDeleteRange());
        }
        case REQUEST_TXN -> add(operation.getRequestTxn(), response.getResponseTxn());
        case REQUEST_NOT_SET -> {
          // Nothing was done.
        }
      }
    }
  }
}
