package io.lodestone.bench.store;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Puts at a steady pace, whether or not the earlier ones are answered. */
final class PacedPuts {
  private final ManagedChannel connection;
  private final MethodDescriptor<byte[], byte[]> method;
  private final Supplier<byte[]> requests;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  PacedPuts(
      ManagedChannel connection,
      MethodDescriptor<byte[], byte[]> method,
      Supplier<byte[]> requests) {
    this.connection = connection;
    this.method = method;
    this.requests = requests;
  }

  /** Returns after {@code window}; an {@link IllegalStateException} where a put failed. */
  void run(int perSecond, Duration window) throws InterruptedException {
    ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();
    try {
      long period = TimeUnit.SECONDS.toNanos(1) / perSecond;
      var unused = pace.scheduleAtFixedRate(this::put, 0, period, TimeUnit.NANOSECONDS);
      TimeUnit.NANOSECONDS.sleep(window.toNanos());
    } finally {
      pace.shutdown();
    }
    if (failure.get() != null) {
      throw new IllegalStateException("a put failed", failure.get());
    }
  }

  private void put() {
    var answer =
        ClientCalls.futureUnaryCall(
            connection.newCall(method, CallOptions.DEFAULT), requests.get());
    Futures.addCallback(
        answer,
        new FutureCallback<byte[]>() {
          @Override
          public void onSuccess(byte[] response) {}

          @Override
          public void onFailure(Throwable cause) {
            failure.compareAndSet(null, cause);
          }
        },
        MoreExecutors.directExecutor());
  }
}
