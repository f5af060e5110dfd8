package io.lodestone.migrate.copy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.EtcdConnection;
import io.lodestone.client.UnavailableException;
import io.lodestone.client.lockstep.PatientCalls;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Transactions that count only while nobody else copies into the same place: each is guarded by the
 * checkpoint that the one before has written, and writes the next. So what became of one whose
 * answer was lost can be read, and an older run that still lives is shut out. Confined to one
 * thread.
 */
final class GuardedWrites {
  private final EtcdConnection destination;
  private final PatientCalls calls;
  private final ByteString key;
  private final String run = UUID.randomUUID().toString();
  private Checkpoint standing;
  private long modRevision;
  private long transactions;

  private GuardedWrites(EtcdConnection destination, PatientCalls calls, ByteString key) {
    this.destination = destination;
    this.calls = calls;
    this.key = key;
  }

  /**
   * Takes over what an earlier run has left; from now on that one writes no more.
   *
   * @param fresh what counts where nothing has been copied yet
   */
  static GuardedWrites claim(
      EtcdConnection destination, PatientCalls calls, ByteString key, Checkpoint fresh)
      throws InterruptedException {
    GuardedWrites writes = new GuardedWrites(destination, calls, key);
    do {
      writes.stand(fresh);
    } while (!writes.attempt(writes.guarded(List.of(), writes.standing.value())));
    return writes;
  }

  /** On what is there now. */
  private void stand(Checkpoint fresh) throws InterruptedException {
    Optional<KeyValue> found = read();
    modRevision = found.map(KeyValue::getModRevision).orElse(0L);
    Checkpoint there =
        found.map(kv -> Checkpoint.of(kv.getValue(), key.toStringUtf8())).orElse(fresh);
    if (!there.source().equals(fresh.source()) || !there.prefix().equals(fresh.prefix())) {
      throw new LodestoneException(
          "the destination's key "
              + key.toStringUtf8()
              + " belongs to a copy of cluster "
              + there.source()
              + ", prefix \""
              + there.prefix()
              + "\"",
          "name another one with --checkpoint-key");
    }
    standing = there.by(run, 0);
  }

  Checkpoint standing() {
    return standing;
  }

  long transactions() {
    return transactions;
  }

  /** When this returns, {@code operations} are done, and {@code next} stands there. */
  void apply(List<RequestOp> operations, Checkpoint next) throws InterruptedException {
    Checkpoint stamped = next.by(run, transactions + 1);
    TxnRequest txn = guarded(operations, stamped.value());
    while (!attempt(txn)) {
      Optional<KeyValue> there = read();
      if (there.isPresent() && there.get().getValue().equals(stamped.value())) {
        modRevision = there.get().getModRevision();
        break;
      }
      if (there.map(KeyValue::getModRevision).orElse(0L) != modRevision) {
        throw new LodestoneException(
            "another copy writes to the same place: it has taken "
                + key.toStringUtf8()
                + " over, and this one ends",
            "run one copy for each place, or give each its --checkpoint-key");
      }
    }
    standing = stamped;
    transactions++;
  }

  private TxnRequest guarded(List<RequestOp> operations, ByteString checkpoint) {
    return TxnRequest.newBuilder()
        .addCompare(
            Compare.newBuilder()
                .setKey(key)
                .setTarget(Compare.CompareTarget.MOD)
                .setResult(Compare.CompareResult.EQUAL)
                .setModRevision(modRevision))
        .addAllSuccess(operations)
        .addSuccess(
            RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(checkpoint)))
        .build();
  }

  /** False where it did not count, or where nobody knows. */
  private boolean attempt(TxnRequest txn) {
    try {
      var answer = destination.write(KVGrpc.getTxnMethod(), txn);
      if (answer.getSucceeded()) {
        modRevision = answer.getHeader().getRevision();
      }
      return answer.getSucceeded();
    } catch (LodestoneException e) {
      if (UnavailableException.isAbsence(e)) {
        return false;
      }
      throw e;
    }
  }

  private Optional<KeyValue> read() throws InterruptedException {
    RangeRequest get = RangeRequest.newBuilder().setKey(key).build();
    return calls.insist(() -> destination.read(KVGrpc.getRangeMethod(), get)).getKvsList().stream()
        .findFirst();
  }
}
