package io.lodestone.conformance.jetcd;

import io.etcd.jetcd.maintenance.SnapshotResponse;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** Counts the bytes of a snapshot; tells them at its end. */
final class SnapshotSize implements StreamObserver<SnapshotResponse> {
  private final CompletableFuture<Long> size;
  private long bytes;

  SnapshotSize(CompletableFuture<Long> size) {
    this.size = size;
  }

  @Override
  public void onNext(SnapshotResponse part) {
    bytes += part.getBlob().size();
  }

  @Override
  public void onError(Throwable cause) {
    size.completeExceptionally(cause);
  }

  @Override
  public void onCompleted() {
    size.complete(bytes);
  }
}
