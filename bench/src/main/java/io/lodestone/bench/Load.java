package io.lodestone.bench;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.ExecutionException;

/** Fills a cluster quickly: transactions of many puts, a bounded number of them in flight. */
final class Load {
  private static final int PUTS_IN_FLIGHT = 2048;
  private static final int CALLS_IN_FLIGHT = 256;

  private final KVGrpc.KVFutureStub kv;
  private final Random random = new Random(1);

  Load(Channel channel) {
    this.kv = KVGrpc.newFutureStub(channel);
  }

  /**
   * Puts {@code keys} keys of {@code valueSize} bytes, half of them random so that they compress
   * about as real objects do.
   */
  void fill(int keys, int valueSize, int keysPerTxn)
      throws ExecutionException, InterruptedException {
    int inFlight = Math.min(CALLS_IN_FLIGHT, PUTS_IN_FLIGHT / keysPerTxn);
    Deque<ListenableFuture<TxnResponse>> pending = new ArrayDeque<>();
    for (int key = 0; key < keys; key += keysPerTxn) {
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      for (int i = key; i < Math.min(keys, key + keysPerTxn); i++) {
        txn.addSuccess(RequestOp.newBuilder().setRequestPut(put(i, valueSize)));
      }
      if (pending.size() == inFlight) {
        pending.removeFirst().get();
      }
      pending.addLast(kv.txn(txn.build()));
    }
    for (ListenableFuture<TxnResponse> last : pending) {
      last.get();
    }
  }

  /**
   * Puts keys one by one, each its own revision, as a replay has to do it: the next only when the
   * last was answered.
   */
  void replay(int revisions, int valueSize) throws ExecutionException, InterruptedException {
    for (int i = 0; i < revisions; i++) {
      kv.txn(
              TxnRequest.newBuilder()
                  .addSuccess(RequestOp.newBuilder().setRequestPut(put(i % 10_000, valueSize)))
                  .build())
          .get();
    }
  }

  private PutRequest put(int key, int valueSize) {
    byte[] value = new byte[valueSize];
    byte[] noise = new byte[valueSize / 2];
    random.nextBytes(noise);
    System.arraycopy(noise, 0, value, 0, noise.length);
    return PutRequest.newBuilder()
        .setKey(
            ByteString.copyFromUtf8(
                String.format("/registry/pods/ns-%03d/object-%08d", key % 500, key)))
        .setValue(ByteString.copyFrom(value))
        .build();
  }
}
