package io.lodestone.bench.migrate;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.PutResponse;
import io.lodestone.peers.EtcdCluster;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/** Puts as fast as a cluster takes them, each a revision. */
final class Burst {
  private static final int UNDER_WAY = 256;

  private final EtcdCluster cluster;
  private final Semaphore room = new Semaphore(UNDER_WAY);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  Burst(EtcdCluster cluster) {
    this.cluster = cluster;
  }

  /** When this returns, all {@code count} puts are acknowledged. */
  void put(int count, IntFunction<PutRequest> requests) throws InterruptedException {
    for (int i = 0; i < count && failure.get() == null; i++) {
      room.acquire();
      Futures.addCallback(
          KVGrpc.newFutureStub(cluster.channel(i % cluster.members().size()))
              .put(requests.apply(i)),
          new Answer(),
          MoreExecutors.directExecutor());
    }
    room.acquire(UNDER_WAY);
    room.release(UNDER_WAY);
    if (failure.get() != null) {
      throw new IllegalStateException("a put failed", failure.get());
    }
  }

  private final class Answer implements FutureCallback<PutResponse> {
    @Override
    public void onSuccess(PutResponse response) {
      room.release();
    }

    @Override
    public void onFailure(Throwable cause) {
      failure.compareAndSet(null, cause);
      room.release();
    }
  }
}
