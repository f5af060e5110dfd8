package io.lodestone.replica;

import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.api.mvccpb.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Everything a watch over all keys was told. Thread-safe. */
final class Watched implements StreamObserver<WatchResponse>, AutoCloseable {
  private final List<Event> events = new ArrayList<>();
  private Optional<WatchResponse> canceled = Optional.empty();
  private StreamObserver<WatchRequest> requests;

  static Watched from(Channel channel, long revision) {
    Watched watched = new Watched();
    watched.requests = WatchGrpc.newStub(channel).watch(watched);
    watched.requests.onNext(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(KeyRange.all().start())
                    .setRangeEnd(KeyRange.all().end())
                    .setStartRevision(revision)
                    .setPrevKv(true))
            .build());
    return watched;
  }

  @Override
  public synchronized void onNext(WatchResponse response) {
    events.addAll(response.getEventsList());
    if (response.getCanceled()) {
      canceled = Optional.of(response);
    }
  }

  synchronized List<Event> events() {
    return List.copyOf(events);
  }

  synchronized long lastRevision() {
    return events.isEmpty() ? 0 : events.get(events.size() - 1).getKv().getModRevision();
  }

  synchronized Optional<WatchResponse> canceled() {
    return canceled;
  }

  @Override
  public void onError(Throwable t) {
    // The server went away; the test sees it by what is missing.
  }

  @Override
  public void onCompleted() {}

  @Override
  public void close() {
    requests.onCompleted();
  }
}
