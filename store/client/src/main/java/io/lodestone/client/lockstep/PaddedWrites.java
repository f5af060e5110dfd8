package io.lodestone.client.lockstep;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.Compare;
import io.lodestone.api.etcdserverpb.Compare.CompareResult;
import io.lodestone.api.etcdserverpb.Compare.CompareTarget;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.EtcdConnection;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Makes many revisions that are alike, by transactions that are under way at the same time and need
 * no order. Each puts the pad, and is guarded by the pad's modify revision, so that none counts
 * once the last of the revisions is reached; the pad's version, which counts them, tells whether
 * somebody else made one. Confined to the replaying thread.
 */
final class PaddedWrites {
  private static final int UNDER_WAY = 192;

  /** Fewer are not worth the question that follows them. */
  private static final long FEW = 8;

  private static final long DEADLINE_SECONDS = 30;

  private final EtcdConnection destination;
  private final PatientCalls calls;
  private final OrderedWrites writes;
  private final PadKeys pads;
  private long version;

  PaddedWrites(EtcdConnection destination, PatientCalls calls, OrderedWrites writes, PadKeys pads) {
    this.destination = destination;
    this.calls = calls;
    this.writes = writes;
    this.pads = pads;
    this.version = pads.found().map(KeyValue::getVersion).orElse(0L);
  }

  /**
   * When this returns, the destination is at {@code to}, by revisions that put the pad and {@code
   * keys}.
   *
   * @param from the revision that is next
   */
  void run(long from, long to, List<ByteString> keys) throws InterruptedException {
    long next = from;
    if (version == 0) {
      one(next++, keys);
    }
    if (to - next >= FEW) {
      many(next, to, keys);
      return;
    }
    while (next <= to) {
      one(next++, keys);
    }
  }

  private void many(long from, long to, List<ByteString> keys) throws InterruptedException {
    TxnRequest txn = txn(to, keys);
    long before = from - 1;
    for (long reached = before; reached < to; ) {
      long known = reached;
      boolean failed = send(to - reached, txn);
      reached = look(before, to);
      if (failed && reached == known) {
        writes.attempt(to, txn); // says what is the matter
        reached = look(before, to);
      }
    }
    version += to - before;
  }

  private void one(long revision, List<ByteString> keys) throws InterruptedException {
    writes.apply(revision, txn(revision, keys));
    pads.putAt(pads.pad());
    version++;
  }

  private TxnRequest txn(long last, List<ByteString> keys) {
    TxnRequest.Builder txn = TxnRequest.newBuilder().addCompare(compare(CompareResult.LESS, last));
    if (version > 0) {
      txn.addCompare(compare(CompareResult.GREATER, 0)); // none of ours that comes late
    }
    return txn.addAllSuccess(RevisionTxn.puts(last, pads.pad(), keys)).build();
  }

  private Compare compare(CompareResult result, long modRevision) {
    return Compare.newBuilder()
        .setKey(pads.pad())
        .setTarget(CompareTarget.MOD)
        .setResult(result)
        .setModRevision(modRevision)
        .build();
  }

  /** Sends {@code count} transactions and waits for the answers; returns whether one was bad. */
  private boolean send(long count, TxnRequest txn) throws InterruptedException {
    KVGrpc.KVFutureStub stub = KVGrpc.newFutureStub(destination.channel(writes.leader()));
    Semaphore free = new Semaphore(UNDER_WAY);
    Outcome outcome = new Outcome(free);
    for (long sent = 0; sent < count && !outcome.failed; sent++) {
      free.acquire();
      ListenableFuture<TxnResponse> answer =
          stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).txn(txn);
      Futures.addCallback(answer, outcome, MoreExecutors.directExecutor());
    }
    free.acquire(UNDER_WAY);
    if (outcome.failed) {
      writes.forgetLeader();
    }
    return outcome.failed;
  }

  /** What becomes of single ones is told by the pad, for all of them together. */
  private static final class Outcome implements FutureCallback<TxnResponse> {
    private final Semaphore free;
    private volatile boolean failed;

    Outcome(Semaphore free) {
      this.free = free;
    }

    @Override
    public void onSuccess(TxnResponse answer) {
      free.release();
    }

    @Override
    public void onFailure(Throwable failure) {
      failed = true;
      free.release();
    }
  }

  /** The destination's revision; as many revisions have to be made as the pad was put. */
  private long look(long before, long to) throws InterruptedException {
    RangeRequest request = RangeRequest.newBuilder().setKey(pads.pad()).build();
    RangeResponse answer = calls.insist(() -> destination.read(KVGrpc.getRangeMethod(), request));
    long reached = answer.getHeader().getRevision();
    long puts = answer.getKvsCount() == 0 ? 0 : answer.getKvs(0).getVersion() - version;
    if (reached > to || puts != reached - before) {
      throw OrderedWrites.diverged(to, reached);
    }
    return reached;
  }
}
