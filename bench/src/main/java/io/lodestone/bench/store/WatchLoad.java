package io.lodestone.bench.store;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.api.mvccpb.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** So many watchers of every key, each on a stream of its own, that time each event's journey. */
final class WatchLoad implements AutoCloseable {
  private static final int STAMP_CHARS = 20;

  private final Histogram journeys = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
  private final List<StreamObserver<WatchRequest>> streams = new ArrayList<>();
  private final CountDownLatch created;
  private volatile boolean counting;

  WatchLoad(List<ManagedChannel> connections, int watchers) throws InterruptedException {
    this.created = new CountDownLatch(watchers);
    for (int i = 0; i < watchers; i++) {
      StreamObserver<WatchRequest> stream =
          WatchGrpc.newStub(connections.get(i % connections.size())).watch(new Watcher());
      stream.onNext(
          WatchRequest.newBuilder()
              .setCreateRequest(
                  WatchCreateRequest.newBuilder().setKey(Requests.key(0)).setRangeEnd(Requests.END))
              .build());
      streams.add(stream);
    }
    if (!created.await(1, TimeUnit.MINUTES)) {
      throw new IllegalStateException("not all watchers were created");
    }
  }

  void count(boolean on) {
    counting = on;
  }

  Histogram journeys() {
    return journeys;
  }

  @Override
  public void close() {
    streams.forEach(StreamObserver::onCompleted);
  }

  private final class Watcher implements StreamObserver<WatchResponse> {
    @Override
    public void onNext(WatchResponse response) {
      if (response.getCreated()) {
        created.countDown();
      }
      if (!counting) {
        return;
      }
      long now = System.nanoTime();
      for (Event event : response.getEventsList()) {
        String stamp =
            event.getKv().getValue().substring(0, STAMP_CHARS).toString(StandardCharsets.US_ASCII);
        journeys.recordValue(Math.max(0, now - Long.parseLong(stamp)));
      }
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
