package io.lodestone.bench.store;

import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** So many calls, a bounded number of them under way. */
final class Puts {
  private final List<ManagedChannel> connections;
  private final MethodDescriptor<byte[], byte[]> method;
  private final Supplier<byte[]> requests;
  private final int count;
  private final int inFlight;
  private final Semaphore room;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  Puts(
      List<ManagedChannel> connections,
      MethodDescriptor<byte[], byte[]> method,
      Supplier<byte[]> requests,
      int count,
      int inFlight) {
    this.connections = connections;
    this.method = method;
    this.requests = requests;
    this.count = count;
    this.inFlight = inFlight;
    this.room = new Semaphore(inFlight);
  }

  /** An {@link IllegalStateException} where any call fails. */
  void run() throws InterruptedException {
    for (int i = 0; i < count; i++) {
      room.acquire();
      ManagedChannel connection = connections.get(i % connections.size());
      ClientCalls.asyncUnaryCall(
          connection.newCall(method, io.grpc.CallOptions.DEFAULT), requests.get(), new Answer());
    }
    room.acquire(inFlight);
    if (failure.get() != null) {
      throw new IllegalStateException("a put failed", failure.get());
    }
  }

  private final class Answer implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] response) {}

    @Override
    public void onError(Throwable error) {
      failure.compareAndSet(null, error);
      room.release();
    }

    @Override
    public void onCompleted() {
      room.release();
    }
  }
}
