package io.lodestone.bench.store;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * So many clients, each of which sends its next call when the last one is answered. Calls answered
 * while the load warms up are not counted.
 */
final class ClosedLoop {
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final List<ManagedChannel> connections;
  private final MethodDescriptor<byte[], byte[]> method;
  private final Supplier<byte[]> requests;
  private final Histogram latencies = new ConcurrentHistogram(LONGEST_NANOS, 3);
  private final AtomicReference<Status> failure = new AtomicReference<>();
  private final LongAdder answered = new LongAdder();
  private final CountDownLatch running;
  private final int clients;
  private volatile boolean counting;
  private volatile boolean stopping;

  ClosedLoop(
      List<ManagedChannel> connections,
      MethodDescriptor<byte[], byte[]> method,
      int clients,
      Supplier<byte[]> requests) {
    this.connections = connections;
    this.method = method;
    this.clients = clients;
    this.requests = requests;
    this.running = new CountDownLatch(clients);
  }

  /** Runs the load; an {@link IllegalStateException} where any call fails. */
  Rate run(Duration warmUp, Duration window) throws InterruptedException {
    for (int client = 0; client < clients; client++) {
      new Client(connections.get(client % connections.size())).next();
    }
    TimeUnit.NANOSECONDS.sleep(warmUp.toNanos());
    counting = true;
    long start = System.nanoTime();
    TimeUnit.NANOSECONDS.sleep(window.toNanos());
    counting = false;
    long elapsed = System.nanoTime() - start;
    stopping = true;
    running.await();
    if (failure.get() != null) {
      throw new IllegalStateException(method.getFullMethodName() + " failed: " + failure.get());
    }
    return Rate.of(latencies, Duration.ofNanos(elapsed));
  }

  /** How many calls were answered, those that were not counted among them. */
  long calls() {
    return answered.sum();
  }

  private final class Client extends ClientCall.Listener<byte[]> {
    private final ManagedChannel connection;
    private long sentAt;

    Client(ManagedChannel connection) {
      this.connection = connection;
    }

    void next() {
      ClientCall<byte[], byte[]> call = connection.newCall(method, CallOptions.DEFAULT);
      sentAt = System.nanoTime();
      call.start(this, new Metadata());
      call.request(2);
      call.sendMessage(requests.get());
      call.halfClose();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      answered.increment();
      if (!status.isOk()) {
        failure.compareAndSet(null, status);
      } else if (counting) {
        latencies.recordValue(System.nanoTime() - sentAt);
      }
      if (stopping || !status.isOk()) {
        running.countDown();
      } else {
        next();
      }
    }
  }
}
