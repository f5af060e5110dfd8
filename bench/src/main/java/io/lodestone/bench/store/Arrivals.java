package io.lodestone.bench.store;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** When a watch told of each revision. Closing ends it. */
final class Arrivals implements AutoCloseable {
  private final Map<Long, Long> nanos = new ConcurrentHashMap<>();
  private final CountDownLatch created = new CountDownLatch(1);
  private final StreamObserver<WatchRequest> requests;

  /** Of all keys. */
  Arrivals(ManagedChannel channel) {
    this(channel, Requests.key(0), Requests.END);
  }

  /** Of the keys from {@code key} to before {@code end}. */
  Arrivals(ManagedChannel channel, ByteString key, ByteString end) {
    requests = WatchGrpc.newStub(channel).watch(new Watcher());
    requests.onNext(
        WatchRequest.newBuilder()
            .setCreateRequest(WatchCreateRequest.newBuilder().setKey(key).setRangeEnd(end))
            .build());
  }

  boolean isCreated(Duration patience) throws InterruptedException {
    return created.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** How many nanoseconds later than {@code other} this was told of what both were told of. */
  Histogram behind(Arrivals other) {
    Histogram later = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
    nanos.forEach(
        (revision, arrived) -> {
          Long before = other.nanos.get(revision);
          if (before != null) {
            later.recordValue(Math.max(0, arrived - before));
          }
        });
    return later;
  }

  /** A stream that is only half closed would go on being told everything. */
  @Override
  public void close() {
    requests.onError(Status.CANCELLED.withDescription("seen enough").asRuntimeException());
  }

  private final class Watcher implements StreamObserver<WatchResponse> {
    @Override
    public void onNext(WatchResponse response) {
      long now = System.nanoTime();
      if (response.getCreated()) {
        created.countDown();
      }
      response.getEventsList().forEach(event -> nanos.put(event.getKv().getModRevision(), now));
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
