package io.lodestone.client;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.KeyRange;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.WatchCreateRequest;
import io.lodestone.api.etcdserverpb.WatchGrpc;
import io.lodestone.api.etcdserverpb.WatchProgressRequest;
import io.lodestone.api.etcdserverpb.WatchRequest;
import io.lodestone.api.etcdserverpb.WatchResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * A watch on one member, with large revisions in fragments. It ends when the member loses its
 * leader, so that a member cut off from its cluster is noticed. Confined to one thread.
 */
public final class KeyspaceWatch implements AutoCloseable {
  private static final Metadata.Key<String> REQUIRE_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

  /** Responses are of 2 MiB at most, single large events apart. */
  private static final int PREFETCH = 8;

  private final EtcdConnection connection;
  private final Endpoint endpoint;
  private final Inbound<WatchRequest, WatchResponse> in;

  private KeyspaceWatch(
      EtcdConnection connection, Endpoint endpoint, Inbound<WatchRequest, WatchResponse> in) {
    this.connection = connection;
    this.endpoint = endpoint;
    this.in = in;
  }

  /**
   * When this returns, the member delivers everything of {@code range} from main revision {@code
   * start} on, or will say that it was compacted.
   */
  public static KeyspaceWatch open(
      EtcdConnection connection, Endpoint endpoint, KeyRange range, long start, Duration patience)
      throws InterruptedException {
    KeyspaceWatch watch =
        new KeyspaceWatch(connection, endpoint, call(connection, endpoint, range, start));
    try {
      watch.awaitCreated(patience);
      return watch;
    } catch (RuntimeException | InterruptedException e) {
      watch.close();
      throw e;
    }
  }

  private static Inbound<WatchRequest, WatchResponse> call(
      EtcdConnection connection, Endpoint endpoint, KeyRange range, long start) {
    Metadata headers = new Metadata();
    headers.put(REQUIRE_LEADER, "true");
    Inbound<WatchRequest, WatchResponse> in =
        Inbound.start(
            "Watch on " + endpoint,
            ClientInterceptors.intercept(
                    connection.channel(endpoint),
                    MetadataUtils.newAttachHeadersInterceptor(headers))
                .newCall(
                    WatchGrpc.getWatchMethod(),
                    CallOptions.DEFAULT.withMaxInboundMessageSize(Integer.MAX_VALUE)),
            PREFETCH);
    in.send(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(range.start())
                    .setRangeEnd(range.end())
                    .setStartRevision(start)
                    .setFragment(true))
            .build());
    return in;
  }

  private void awaitCreated(Duration patience) throws InterruptedException {
    WatchResponse answer =
        poll(patience)
            .orElseThrow(
                () ->
                    new UnavailableException(
                        "Watch on " + endpoint + " was not begun in time",
                        "the member is overloaded or has lost its cluster: check it",
                        false,
                        null));
    if (answer.getCanceled()) {
      throw canceled(answer.getCancelReasonBytes());
    }
  }

  /**
   * The next response; empty if none came in time. A cancellation by compaction is returned as the
   * response it is; any other end of the watch is a failure.
   */
  public Optional<WatchResponse> poll(Duration maxWait) throws InterruptedException {
    Optional<WatchResponse> response = in.poll(maxWait);
    if (response.isEmpty() && in.isOver()) {
      throw new UnavailableException(
          "Watch on " + endpoint + " was ended by the member", "it is stopping", false, null);
    }
    if (response.isPresent()) {
      connection.identity().check(response.get(), endpoint);
      if (response.get().getCanceled()
          && !response.get().getCreated()
          && response.get().getCompactRevision() == 0) {
        throw canceled(response.get().getCancelReasonBytes());
      }
    }
    return response;
  }

  /**
   * Asks the member to say how far it has told everything. It answers with a response without
   * events, whose header has the revision; members before 3.4.25 and 3.5.8 may send it ahead of
   * events that are on their way, later ones only once all is told.
   */
  void requestProgress() {
    in.send(
        WatchRequest.newBuilder()
            .setProgressRequest(WatchProgressRequest.getDefaultInstance())
            .build());
  }

  /** Servers wrap the text they would refuse a plain call with. */
  private StoreException canceled(ByteString reasonBytes) {
    String reason = reasonBytes.toStringUtf8();
    ErrorCode code = ErrorCode.WATCH_CANCELED;
    for (ErrorCode candidate : ErrorCode.values()) {
      code = reason.endsWith(candidate.text()) ? candidate : code;
    }
    return CallFailures.refused("Watch on " + endpoint, code, reason);
  }

  @Override
  public void close() {
    in.close();
  }
}
