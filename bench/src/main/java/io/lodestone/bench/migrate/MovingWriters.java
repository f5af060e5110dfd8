package io.lodestone.bench.migrate;

import com.google.common.util.concurrent.RateLimiter;
import com.google.common.util.concurrent.Uninterruptibles;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;

/**
 * Clients that write at a steady pace, one request at a time each. One that the source refuses for
 * good waits until the clients may move, and sends the same request to the destination.
 */
final class MovingWriters implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 10;
  private static final double NANOS_PER_MILLI = 1e6;

  private final List<ManagedChannel> source;
  private final List<ManagedChannel> destination;
  private final Path moved;
  private final Supplier<PutRequest> requests;
  private final RateLimiter pace;
  private final CountDownLatch refused = new CountDownLatch(1);
  private final CountDownLatch open = new CountDownLatch(1);
  private final CountDownLatch arrived;
  private final AtomicLongArray lastAtSource;
  private final AtomicLongArray firstAtDestination;
  private final AtomicLong acknowledged = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  /** How long clients went without an acknowledged write, in milliseconds. */
  record Waits(double betweenAll, double slowest) {}

  /**
   * @param moved is there as soon as clients may move
   */
  MovingWriters(
      List<String> from,
      List<String> to,
      Path moved,
      int writers,
      double perSecond,
      Supplier<PutRequest> requests) {
    this.source = channels(from);
    this.destination = channels(to);
    this.moved = moved;
    this.requests = requests;
    this.pace = RateLimiter.create(perSecond);
    this.arrived = new CountDownLatch(writers);
    this.lastAtSource = new AtomicLongArray(writers);
    this.firstAtDestination = new AtomicLongArray(writers);
    for (int i = 0; i < writers; i++) {
      int number = i;
      threads.add(new Thread(() -> write(number), "writer-" + number));
    }
    threads.add(new Thread(this::lookForMove, "look-for-move"));
  }

  private static List<ManagedChannel> channels(List<String> endpoints) {
    return endpoints.stream()
        .map(endpoint -> NettyChannelBuilder.forTarget(endpoint).usePlaintext().build())
        .map(ManagedChannel.class::cast)
        .toList();
  }

  MovingWriters start() {
    threads.forEach(Thread::start);
    return this;
  }

  long acknowledged() {
    return acknowledged.get();
  }

  private void write(int number) {
    boolean there = false;
    while (!stopped) {
      double unused = pace.acquire();
      PutRequest put = requests.get();
      boolean done = false;
      while (!done && !stopped) {
        try {
          stub(there ? destination : source, number).put(put);
          done = true;
          note(number, there);
        } catch (StatusRuntimeException e) {
          if (!there && e.getStatus().getCode() == Status.Code.DATA_LOSS) {
            refused.countDown();
            there = isOpenInTime();
          }
        }
      }
    }
  }

  private static KVGrpc.KVBlockingStub stub(List<ManagedChannel> members, int number) {
    return KVGrpc.newBlockingStub(members.get(number % members.size()))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private void note(int number, boolean there) {
    long now = System.nanoTime();
    acknowledged.incrementAndGet();
    if (!there) {
      lastAtSource.set(number, now);
    } else if (firstAtDestination.compareAndSet(number, 0, now)) {
      arrived.countDown();
    }
  }

  /** False where the source may take writes again. */
  private boolean isOpenInTime() {
    try {
      return open.await(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void lookForMove() {
    try {
      refused.await();
      destination.forEach(channel -> channel.getState(true)); // connects meanwhile
      while (!Files.exists(moved)) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      open.countDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns when every writer has an acknowledged write at the destination. */
  Waits awaitArrival(Duration patience) throws InterruptedException {
    if (!arrived.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException(arrived.getCount() + " writers did not arrive");
    }
    long last = Long.MIN_VALUE;
    long first = Long.MAX_VALUE;
    long slowest = 0;
    for (int i = 0; i < lastAtSource.length(); i++) {
      last = Math.max(last, lastAtSource.get(i));
      first = Math.min(first, firstAtDestination.get(i));
      slowest = Math.max(slowest, firstAtDestination.get(i) - lastAtSource.get(i));
    }
    return new Waits((first - last) / NANOS_PER_MILLI, slowest / NANOS_PER_MILLI);
  }

  @Override
  public void close() {
    stopped = true;
    threads.forEach(Thread::interrupt);
    threads.forEach(Uninterruptibles::joinUninterruptibly);
    source.forEach(ManagedChannel::shutdownNow);
    destination.forEach(ManagedChannel::shutdownNow);
  }
}
