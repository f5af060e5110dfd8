package io.lodestone.server.watch;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.lodestone.api.etcdserverpb.WatchCancelRequest;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchProgressRequest;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A client's watch stream to one server, which reads only as much as it is told. Thread-safe. */
final class WatchedServer extends ClientCall.Listener<WatchResponse> implements AutoCloseable {
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

  private final ClientCall<WatchRequest, WatchResponse> call;
  private final List<WatchResponse> responses = new ArrayList<>();

  WatchedServer(Channel channel) {
    call = channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
    call.start(this, new Metadata());
  }

  static Channel withToken(Channel channel, String token) {
    Metadata headers = new Metadata();
    headers.put(TOKEN, token);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  WatchedServer read(int more) {
    call.request(more);
    return this;
  }

  void create(WatchCreateRequest.Builder request) {
    call.sendMessage(WatchRequest.newBuilder().setCreateRequest(request).build());
  }

  void cancel(long id) {
    call.sendMessage(
        WatchRequest.newBuilder()
            .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
            .build());
  }

  void progress() {
    call.sendMessage(
        WatchRequest.newBuilder()
            .setProgressRequest(WatchProgressRequest.getDefaultInstance())
            .build());
  }

  @Override
  public synchronized void onMessage(WatchResponse response) {
    responses.add(response);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    if (status.getCode() != Status.Code.CANCELLED && status.getCode() != Status.Code.UNAVAILABLE) {
      throw new AssertionError("the watch stream ended: " + status);
    }
  }

  synchronized List<WatchResponse> responses() {
    return List.copyOf(responses);
  }

  /** The responses, without what names the cluster, once there are {@code count} of them. */
  List<WatchResponse> await(int count) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(2))
        .until(() -> responses().size() >= count);
    return responses().stream()
        .map(
            response -> {
              WatchResponse.Builder bare = response.toBuilder();
              bare.getHeaderBuilder().clearClusterId().clearMemberId().clearRaftTerm();
              return bare.build();
            })
        .toList();
  }

  static WatchCreateRequest.Builder on(String key) {
    return WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8(key));
  }

  static WatchCreateRequest.Builder on(String key, String end) {
    return on(key).setRangeEnd(ByteString.copyFromUtf8(end));
  }

  @Override
  public void close() {
    call.cancel("done", null);
  }
}
