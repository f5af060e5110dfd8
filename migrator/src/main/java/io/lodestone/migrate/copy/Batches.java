package io.lodestone.migrate.copy;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Packs operations into as few transactions as the destination's limits allow; each key stands once
 * in one. Confined to one thread.
 */
final class Batches {
  private static final int MAX_BYTES = 512 << 10;

  private final GuardedWrites writes;
  private final int maxOperations;
  private final List<RequestOp> operations = new ArrayList<>();
  private final Set<ByteString> keys = new HashSet<>();
  private int bytes;
  private long puts;
  private long deletes;

  /**
   * @param maxTxnOps of the destination; one of them is the checkpoint's
   */
  Batches(GuardedWrites writes, int maxTxnOps) {
    this.writes = writes;
    this.maxOperations = maxTxnOps - 1;
  }

  long puts() {
    return puts;
  }

  long deletes() {
    return deletes;
  }

  boolean isEmpty() {
    return operations.isEmpty();
  }

  /** Whether changes of {@code more} still go into the transaction that is being packed. */
  boolean fits(List<ByteString> more) {
    return operations.size() + more.size() <= maxOperations
        && bytes < MAX_BYTES
        && more.stream().noneMatch(keys::contains);
  }

  void put(PutRequest put) throws InterruptedException {
    puts++;
    add(
        RequestOp.newBuilder().setRequestPut(put).build(),
        put.getKey(),
        put.getKey().size() + put.getValue().size());
  }

  void delete(ByteString key) throws InterruptedException {
    deletes++;
    add(
        RequestOp.newBuilder()
            .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
            .build(),
        key,
        key.size());
  }

  private void add(RequestOp operation, ByteString key, int size) throws InterruptedException {
    if (!fits(List.of(key)) || (bytes > 0 && bytes + size > MAX_BYTES)) {
      flush(writes.standing());
    }
    operations.add(operation);
    keys.add(key);
    bytes += size;
  }

  /** Does what was added; {@code next} says what the destination has then. */
  void flush(Checkpoint next) throws InterruptedException {
    writes.apply(operations, next);
    discard();
  }

  /** Forgets what was added and not done: it will be read again. */
  void discard() {
    operations.clear();
    keys.clear();
    bytes = 0;
  }
}
