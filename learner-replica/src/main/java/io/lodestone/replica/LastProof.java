package io.lodestone.replica;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.StatusRequest;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * When a replica that compares itself with its source was last found equal. Told in the trailers of
 * Status, as {@code <revision> <time>}. Immutable.
 */
public record LastProof(long revision, Instant at) {
  static final String NAME = "lodestone-replica-proof";

  private static final Metadata.Key<String> KEY =
      Metadata.Key.of(NAME, Metadata.ASCII_STRING_MARSHALLER);
  private static final long PATIENCE_SECONDS = 5;

  /** Empty where {@code replica} has not been compared since it started, or is none. */
  public static Optional<LastProof> of(EtcdConnection replica) {
    Endpoint endpoint = replica.endpoints().get(0);
    AtomicReference<Metadata> trailers = new AtomicReference<>(new Metadata());
    Channel channel =
        ClientInterceptors.intercept(
            replica.channel(endpoint),
            MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers));
    try {
      var unused =
          MaintenanceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .status(StatusRequest.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      throw new LodestoneException(
          "Status on " + endpoint + " failed: " + e.getStatus(), "check the replica", e);
    }
    return Optional.ofNullable(trailers.get().get(KEY)).map(LastProof::parse);
  }

  private static LastProof parse(String text) {
    String[] parts = text.split(" ", 2);
    return new LastProof(Long.parseLong(parts[0]), Instant.parse(parts[1]));
  }

  String toText() {
    return revision + " " + at;
  }
}
