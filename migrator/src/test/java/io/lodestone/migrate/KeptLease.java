package io.lodestone.migrate;

import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.LeaseId;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveResponse;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A client that keeps one lease alive at one cluster until it is closed. */
final class KeptLease implements AutoCloseable {
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;
  private final LeaseId id;
  private volatile long answeredTtlSeconds;

  private KeptLease(Channel channel, LeaseId id) {
    this.id = id;
    this.thread = new Thread(() -> keep(channel), "kept-lease");
    thread.start();
  }

  static KeptLease grant(Channel channel, long ttlSeconds) {
    LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build();
    return of(channel, new LeaseId(LeaseGrpc.newBlockingStub(channel).leaseGrant(request).getID()));
  }

  static KeptLease of(Channel channel, LeaseId id) {
    return new KeptLease(channel, id);
  }

  LeaseId id() {
    return id;
  }

  /** What the server last said that the lease has left; 0 before, and where it is gone. */
  long answeredTtlSeconds() {
    return answeredTtlSeconds;
  }

  private void keep(Channel channel) {
    StreamObserver<LeaseKeepAliveRequest> requests =
        LeaseGrpc.newStub(channel).leaseKeepAlive(new Answers());
    try {
      do {
        requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(id.value()).build());
      } while (!stopped.await(300, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    requests.onCompleted();
  }

  private final class Answers implements StreamObserver<LeaseKeepAliveResponse> {
    @Override
    public void onNext(LeaseKeepAliveResponse answer) {
      answeredTtlSeconds = answer.getTTL();
    }

    @Override
    public void onError(Throwable failure) {
      answeredTtlSeconds = 0;
    }

    @Override
    public void onCompleted() {}
  }

  @Override
  public void close() {
    stop();
  }

  /** When this returns, the lease is on its own. */
  void stop() {
    stopped.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
