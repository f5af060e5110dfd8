package io.lodestone.peers;

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
public final class Watched implements StreamObserver<WatchResponse>, AutoCloseable {
  private final List<Event> events = new ArrayList<>();
  private Optional<WatchResponse> canceled = Optional.empty();
  private StreamObserver<WatchRequest> requests;

  /** Begins at {@code revision}; 0 for now. */
  public static Watched from(Channel channel, long revision) {
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

  /** In the order they came. */
  public synchronized List<Event> events() {
    return List.copyOf(events);
  }

  /** Of the last event, 0 before the first. */
  public synchronized long lastRevision() {
    return events.isEmpty() ? 0 : events.get(events.size() - 1).getKv().getModRevision();
  }

  /** How the server ended the watch. */
  public synchronized Optional<WatchResponse> canceled() {
    return canceled;
  }

  @Override
  public void onError(Throwable t) {
    // the server went away; whoever waits sees it by what is missing
  }

  @Override
  public void onCompleted() {}

  @Override
  public void close() {
    requests.onCompleted();
  }
}
