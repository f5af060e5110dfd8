package io.lodestone.server.maintenance;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import io.lodestone.api.etcdserverpb.SnapshotResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Sends a snapshot file in pieces of 32 KiB, the trailer as the last one, and never more than the
 * client takes. Confined to the thread that calls {@link #send}; others only wake it.
 */
final class SnapshotSender {
  private static final int PIECE_BYTES = 32 << 10;
  private static final int TRAILER_BYTES = 32;

  private final ServerCallStreamObserver<SnapshotResponse> out;

  /** Must be made before the call's handler returns. */
  SnapshotSender(ServerCallStreamObserver<SnapshotResponse> out) {
    this.out = out;
    out.setOnReadyHandler(this::wake);
    out.setOnCancelHandler(this::wake);
  }

  private synchronized void wake() {
    notifyAll();
  }

  /** Returns when everything is on its way, or the client has gone. */
  void send(Path file, ResponseHeader header) throws IOException, InterruptedException {
    long remaining = Files.size(file) - TRAILER_BYTES;
    try (InputStream in = Files.newInputStream(file)) {
      while (remaining > 0 && awaitReady()) {
        byte[] piece = in.readNBytes((int) Math.min(PIECE_BYTES, remaining));
        remaining -= piece.length;
        out.onNext(response(header, remaining, piece));
      }
      if (awaitReady()) {
        out.onNext(response(header, 0, in.readNBytes(TRAILER_BYTES)));
        out.onCompleted();
      }
    }
  }

  private static SnapshotResponse response(ResponseHeader header, long remaining, byte[] piece) {
    return SnapshotResponse.newBuilder()
        .setHeader(header)
        .setRemainingBytes(remaining)
        .setBlob(ByteString.copyFrom(piece))
        .build();
  }

  /** False where the client has gone. */
  private synchronized boolean awaitReady() throws InterruptedException {
    while (!out.isReady() && !out.isCancelled()) {
      wait();
    }
    return !out.isCancelled();
  }
}
