package io.lodestone.conformance.cluster;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.api.mvccpb.Event;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The history below {@code h/} as a watch tells it from the first revision on, taken up where it
 * broke off, at the next member. Confined to one thread.
 */
final class Watched {
  private final List<String> endpoints;
  private final TreeMap<Long, Map<String, String>> history = new TreeMap<>();
  private int turn;

  Watched(List<String> endpoints) {
    this.endpoints = endpoints;
  }

  /** Values of every key that changed, by revision. */
  NavigableMap<Long, Map<String, String>> history() {
    return history;
  }

  /** Reads on until {@code revision} was told of, at one member, or until that one fails. */
  void readOn(long revision) throws InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(endpoints.get(turn++ % endpoints.size()))
            .usePlaintext()
            .build();
    CompletableFuture<Void> over = new CompletableFuture<>();
    StreamObserver<WatchRequest> requests =
        WatchGrpc.newStub(channel)
            .watch(
                new StreamObserver<>() {
                  @Override
                  public void onNext(WatchResponse response) {
                    try {
                      response.getEventsList().forEach(Watched.this::add);
                    } catch (AssertionError e) {
                      over.completeExceptionally(e);
                    }
                    if (last() >= revision || response.getCanceled()) {
                      over.complete(null);
                    }
                  }

                  @Override
                  public void onError(Throwable failure) {
                    over.complete(null);
                  }

                  @Override
                  public void onCompleted() {
                    over.complete(null);
                  }
                });
    requests.onNext(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("h/"))
                    .setRangeEnd(ByteString.copyFromUtf8("h0"))
                    .setStartRevision(last() + 1))
            .build());
    over.orTimeout(20, TimeUnit.SECONDS)
        .handle((done, failure) -> failure)
        .thenAccept(
            failure -> {
              if (failure instanceof AssertionError broken) {
                throw broken;
              }
            })
        .join();
    channel.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);
  }

  private synchronized long last() {
    return history.isEmpty() ? 0 : history.lastKey();
  }

  private synchronized void add(Event event) {
    long revision = event.getKv().getModRevision();
    if (revision < last()) {
      throw new AssertionError("revision " + revision + " told behind " + last());
    }
    String known =
        history
            .computeIfAbsent(revision, unused -> new TreeMap<>())
            .put(event.getKv().getKey().toStringUtf8(), event.getKv().getValue().toStringUtf8());
    if (known != null) {
      throw new AssertionError("told twice: " + event);
    }
  }
}
