package io.lodestone.etcdfile.wal;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.raftpb.Snapshot;
import io.lodestone.etcdfile.wal.LogSurvey.SnapshotId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * A .snap file. Its content is the v2 store, which only its checksum is computed of.
 *
 * @param id as its name says
 */
record SnapFile(Path path, SnapshotId id) {
  private static final long MAX_BYTES = 64 << 20;

  /** Whether etcd would start from it; it passes over damaged ones. */
  boolean isIntact() throws IOException {
    if (Files.size(path) > MAX_BYTES) {
      throw new LodestoneException(
          path + " has " + Files.size(path) + " bytes; read are up to " + MAX_BYTES,
          "the member holds a large v2 store, which is not supported; remove v2 data from it first");
    }
    try {
      var envelope = io.lodestone.api.snappb.Snapshot.parseFrom(Files.readAllBytes(path));
      CRC32C crc = new CRC32C();
      crc.update(envelope.getData().asReadOnlyByteBuffer());
      Snapshot snapshot = Snapshot.parseFrom(envelope.getData());
      return !envelope.getData().isEmpty()
          && (int) crc.getValue() == envelope.getCrc()
          && snapshot.getMetadata().getIndex() == id.index()
          && snapshot.getMetadata().getTerm() == id.term();
    } catch (InvalidProtocolBufferException e) {
      // As unusable as one with a wrong checksum; an older one may do.
      return false;
    }
  }
}
