package io.lodestone.bench.store;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import io.lodestone.api.etcdserverpb.TxnResponse;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/** Puts every key once, 100 in a transaction. */
final class Fill {
  private static final int KEYS_PER_TXN = 100;

  private final List<ManagedChannel> connections;
  private final int keys;
  private final ByteString value;
  private final int inFlight;
  private final Semaphore room;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  Fill(List<ManagedChannel> connections, int keys, int valueBytes, int inFlight) {
    this.connections = connections;
    this.keys = keys;
    this.value = ByteString.copyFrom(new byte[valueBytes]);
    this.inFlight = inFlight;
    this.room = new Semaphore(inFlight);
  }

  void run() throws InterruptedException {
    int sent = 0;
    for (int first = 0; first < keys; first += KEYS_PER_TXN) {
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      for (int key = first; key < Math.min(keys, first + KEYS_PER_TXN); key++) {
        PutRequest put = PutRequest.newBuilder().setKey(Requests.key(key)).setValue(value).build();
        txn.addSuccess(RequestOp.newBuilder().setRequestPut(put));
      }
      room.acquire();
      KVGrpc.newStub(connections.get(sent++ % connections.size())).txn(txn.build(), new Answer());
    }
    room.acquire(inFlight);
    if (failure.get() != null) {
      throw new IllegalStateException("filling failed", failure.get());
    }
  }

  private final class Answer implements StreamObserver<TxnResponse> {
    @Override
    public void onNext(TxnResponse response) {}

    @Override
    public void onError(Throwable error) {
      failure.compareAndSet(null, Status.fromThrowable(error).asException());
      room.release();
    }

    @Override
    public void onCompleted() {
      room.release();
    }
  }
}
