package io.lodestone.conformance.robust;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import java.util.concurrent.atomic.AtomicLong;

/** One stream of watches that counts what it is told, and reads no more than it asks for. */
final class Watching extends ClientCall.Listener<WatchResponse> implements AutoCloseable {
  final AtomicLong created = new AtomicLong();
  final AtomicLong events = new AtomicLong();

  /** Of all events; equal for two watchers that were told the same ones. */
  final AtomicLong revisions = new AtomicLong();

  private final ClientCall<WatchRequest, WatchResponse> call;

  Watching(Channel channel) {
    call = channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
    call.start(this, new Metadata());
  }

  Watching read(int responses) {
    call.request(responses);
    return this;
  }

  /** Every key that begins with {@code prefix}, from a revision on. */
  void watch(String prefix, long revision) {
    ByteString end = ByteString.copyFromUtf8(prefix + "~");
    call.sendMessage(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(prefix))
                    .setRangeEnd(end)
                    .setStartRevision(revision))
            .build());
  }

  @Override
  public void onMessage(WatchResponse response) {
    if (response.getCreated()) {
      created.incrementAndGet();
    }
    response.getEventsList().forEach(event -> revisions.addAndGet(event.getKv().getModRevision()));
    events.addAndGet(response.getEventsCount());
  }

  @Override
  public void close() {
    call.cancel("done", null);
  }
}
