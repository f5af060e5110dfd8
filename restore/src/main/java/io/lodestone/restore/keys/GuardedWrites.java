package io.lodestone.restore.keys;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.Compare.CompareResult;
import io.lodestone.api.etcdserverpb.Compare.CompareTarget;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.client.EtcdConnection;
import io.lodestone.restore.keys.KeyDifference.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Writes, each of which holds only if its key is still as it was seen. Many go in one transaction;
 * where one of them no longer holds, each is tried by itself.
 */
final class GuardedWrites {
  private static final int WRITES_PER_TXN = 64;
  private static final long BYTES_PER_TXN = 512 << 10;

  private final EtcdConnection connection;
  private final List<Write> waiting = new ArrayList<>();
  private final Map<Kind, Long> refused = new EnumMap<>(Kind.class);
  private long waitingBytes;

  private record Write(Kind kind, Compare guard, RequestOp operation) {}

  GuardedWrites(EtcdConnection connection) {
    this.connection = connection;
  }

  void put(KeyDifference difference, ByteString value, long lease) {
    PutRequest put =
        PutRequest.newBuilder().setKey(difference.key()).setValue(value).setLease(lease).build();
    add(difference, RequestOp.newBuilder().setRequestPut(put).build());
  }

  void delete(KeyDifference difference) {
    DeleteRangeRequest delete = DeleteRangeRequest.newBuilder().setKey(difference.key()).build();
    add(difference, RequestOp.newBuilder().setRequestDeleteRange(delete).build());
  }

  private void add(KeyDifference difference, RequestOp operation) {
    long bytes = operation.getSerializedSize();
    if (waiting.size() == WRITES_PER_TXN || waitingBytes + bytes > BYTES_PER_TXN) {
      flush();
    }
    waiting.add(new Write(difference.kind(), asSeen(difference), operation));
    waitingBytes += bytes;
  }

  /** A key that does not live has mod revision 0. */
  private static Compare asSeen(KeyDifference difference) {
    return Compare.newBuilder()
        .setKey(difference.key())
        .setTarget(CompareTarget.MOD)
        .setResult(CompareResult.EQUAL)
        .setModRevision(difference.livingRevision())
        .build();
  }

  void flush() {
    if (!waiting.isEmpty() && !holds(waiting)) {
      for (Write write : waiting) {
        if (!holds(List.of(write))) {
          refused.merge(write.kind(), 1L, Long::sum);
        }
      }
    }
    waiting.clear();
    waitingBytes = 0;
  }

  private boolean holds(List<Write> writes) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (Write write : writes) {
      txn.addCompare(write.guard()).addSuccess(write.operation());
    }
    return connection.write(KVGrpc.getTxnMethod(), txn.build()).getSucceeded();
  }

  /** Writes that did not hold. */
  long refused() {
    return refused.values().stream().mapToLong(Long::longValue).sum();
  }

  long refused(Kind kind) {
    return refused.getOrDefault(kind, 0L);
  }
}
