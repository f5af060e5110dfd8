package io.lodestone.client;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.TruncatedDataException;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.SnapshotRequest;
import io.lodestone.api.etcdserverpb.SnapshotResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Fetches {@code Maintenance.Snapshot} of one member into a file: the database in pages of a
 * multiple of 512 bytes, then the SHA-256 of all before it (32 bytes), which is verified. Confined
 * to one thread.
 */
final class SnapshotDownload {
  private static final int SECTOR = 512;
  private static final int TRAILER = 32;

  /** Messages are of 32 KiB: 2 MiB of them may wait. */
  private static final int PREFETCH = 64;

  /** Long enough that some messages come meanwhile: to be woken for each costs more than a copy. */
  private static final long PAUSE_MILLIS = 1;

  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);
  private static final String HINT = "the connection or the member is faulty: take it again";

  private final EtcdConnection connection;
  private final Endpoint endpoint;
  private final SnapshotProgress progress;
  private final Clock clock;
  private final MessageDigest digest = sha256();

  /** The newest bytes, up to 32, that may turn out to be the trailer. */
  private ByteString held = ByteString.EMPTY;

  SnapshotDownload(
      EtcdConnection connection, Endpoint endpoint, SnapshotProgress progress, Clock clock) {
    this.connection = connection;
    this.endpoint = endpoint;
    this.progress = progress;
    this.clock = clock;
  }

  /**
   * Writes {@code file}, trailer included, or leaves none; returns when the member had this state:
   * the arrival of the first bytes.
   */
  Instant into(Path file) throws IOException, InterruptedException {
    boolean whole = false;
    try {
      Instant capturedAt = receive(file);
      whole = true;
      return capturedAt;
    } finally {
      if (!whole) {
        Files.deleteIfExists(file);
      }
    }
  }

  private Instant receive(Path file) throws IOException, InterruptedException {
    try (FileChannel out =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Inbound<SnapshotRequest, SnapshotResponse> in = request()) {
      SnapshotResponse first = next(in).orElseThrow(() -> truncated(0));
      Instant capturedAt = clock.instant();
      long size = write(first, out, 0);
      for (Optional<SnapshotResponse> more = next(in); more.isPresent(); more = next(in)) {
        size = write(more.get(), out, size);
      }
      verify(size);
      return capturedAt;
    }
  }

  private Inbound<SnapshotRequest, SnapshotResponse> request() {
    ClientCall<SnapshotRequest, SnapshotResponse> call =
        connection
            .channel(endpoint)
            .newCall(MaintenanceGrpc.getSnapshotMethod(), CallOptions.DEFAULT);
    Inbound<SnapshotRequest, SnapshotResponse> in =
        Inbound.start("Snapshot on " + endpoint, call, PREFETCH);
    in.send(SnapshotRequest.getDefaultInstance());
    in.halfClose();
    return in;
  }

  private Optional<SnapshotResponse> next(Inbound<SnapshotRequest, SnapshotResponse> in)
      throws InterruptedException {
    Optional<SnapshotResponse> answer = in.poll(Duration.ZERO);
    if (answer.isEmpty() && !in.isOver()) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      answer = in.poll(LONGEST_SILENCE);
    }
    if (answer.isEmpty() && !in.isOver()) {
      throw new UnavailableException(
          "Snapshot on " + endpoint + " stalled for " + LONGEST_SILENCE.toSeconds() + " s",
          "the member or its disk hangs: try another",
          false,
          null);
    }
    return answer;
  }

  private long write(SnapshotResponse part, FileChannel out, long sizeBefore) throws IOException {
    connection.identity().check(part, endpoint);
    ByteString blob = part.getBlob();
    for (ByteBuffer piece : blob.asReadOnlyByteBufferList()) {
      while (piece.hasRemaining()) {
        out.write(piece);
      }
    }
    hashAllButTheTrailer(blob);
    long size = sizeBefore + blob.size();
    progress.received(size, part.getRemainingBytes());
    return size;
  }

  private void hashAllButTheTrailer(ByteString blob) {
    if (blob.size() >= TRAILER) {
      digest.update(held.asReadOnlyByteBuffer());
      digest.update(blob.substring(0, blob.size() - TRAILER).asReadOnlyByteBuffer());
      held = blob.substring(blob.size() - TRAILER);
      return;
    }
    ByteString joined = held.concat(blob);
    int surplus = Math.max(0, joined.size() - TRAILER);
    digest.update(joined.substring(0, surplus).asReadOnlyByteBuffer());
    held = joined.substring(surplus);
  }

  private void verify(long size) {
    if (size % SECTOR != TRAILER || size == TRAILER) {
      throw truncated(size);
    }
    if (!ByteString.copyFrom(digest.digest()).equals(held)) {
      throw new CorruptDataException(
          "the snapshot of " + endpoint + " (" + size + " bytes) does not match its SHA-256", HINT);
    }
  }

  private TruncatedDataException truncated(long size) {
    return new TruncatedDataException(
        "the snapshot of " + endpoint + " ended early, after " + size + " bytes", HINT);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
