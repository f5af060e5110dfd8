package io.lodestone.server.metrics;

import com.google.protobuf.CodedInputStream;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.log.Change;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts reads and writes of keys. Thread-safe. */
public final class KeyspaceMetrics {
  /** What takes longer is slow: etcd's default. */
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final LongAdder ranges = new LongAdder();
  private final LongAdder puts = new LongAdder();
  private final LongAdder deletes = new LongAdder();
  private final LongAdder transactions = new LongAdder();
  private final LongAdder putBytes = new LongAdder();
  private final LongAdder slow = new LongAdder();
  private final LongAdder failedReadIndexes = new LongAdder();
  private final LongAdder slowReadIndexes = new LongAdder();

  KeyspaceMetrics(MetricList metrics) {
    metrics.counter("etcd_mvcc_range_total", "Reads.", ranges::sum);
    metrics.counter("etcd_debugging_mvcc_range_total", "Reads.", ranges::sum);
    metrics.counter("etcd_mvcc_put_total", "Puts.", puts::sum);
    metrics.counter("etcd_mvcc_delete_total", "Deletes.", deletes::sum);
    metrics.counter(
        "etcd_mvcc_txn_total", "Transactions of several operations.", transactions::sum);
    metrics.gauge(
        "etcd_debugging_mvcc_total_put_size_in_bytes", "Keys and values put.", putBytes::sum);
    metrics.counter(
        "etcd_server_slow_apply_total", "Requests that took more than 100 ms.", slow::sum);
    metrics.counter(
        "etcd_server_read_indexes_failed_total",
        "Reads that could not learn up to where to read.",
        failedReadIndexes::sum);
    metrics.counter(
        "etcd_server_slow_read_indexes_total",
        "Reads that waited in vain to learn up to where to read.",
        slowReadIndexes::sum);
  }

  void applied(InternalRaftRequest request, Applied applied, List<Change> changes, long nanos) {
    add(Operations.of(request, applied, changes));
    for (Change change : changes) {
      if (!change.record().tombstone()) {
        putBytes.add(putBytes(change));
      }
    }
    took(nanos);
  }

  /** Of the key and the value, which are not copied for it. */
  private static long putBytes(Change change) {
    CodedInputStream row = change.record().value().newCodedInput();
    row.enableAliasing(true);
    try {
      KeyValue stored = KeyValue.parseFrom(row);
      return (long) stored.getKey().size() + stored.getValue().size();
    } catch (IOException e) {
      throw new UncheckedIOException("a row that was just made cannot be read", e);
    }
  }

  /** A range was read, or refused, outside of the log. */
  public void ranged() {
    ranges.increment();
  }

  /** A transaction that cannot write was answered outside of the log. */
  public void transacted(TxnRequest request, TxnResponse response) {
    add(Operations.ofReading(request, response));
  }

  /** So long a request took from its beginning to its answer. */
  public void took(long nanos) {
    if (nanos > SLOW_NANOS) {
      slow.increment();
    }
  }

  /** A read could not learn up to where it has to read. */
  public void readIndexFailed() {
    failedReadIndexes.increment();
  }

  /** It waited for that until its time was up. */
  public void readIndexSlow() {
    slowReadIndexes.increment();
  }

  private void add(Operations operations) {
    ranges.add(operations.ranges());
    puts.add(operations.puts());
    deletes.add(operations.deletes());
    transactions.add(operations.transactions());
  }
}
