package io.lodestone.etcdfile.db;

import com.google.protobuf.ByteString;
import io.lodestone.api.Revision;
import io.lodestone.revisions.RevisionRecord;
import java.util.Optional;

/** Main revisions in the 17-byte form of row keys, as the compaction marks in {@code meta} use. */
final class RowKeys {
  private RowKeys() {}

  static ByteString of(long main) {
    return new RevisionRecord(new Revision(main, 0), false, ByteString.EMPTY).rowKey();
  }

  /** Empty where {@code rowKey} is not of that form. */
  static Optional<Long> main(ByteString rowKey) {
    if (rowKey.size() != RevisionRecord.ROW_KEY_LENGTH || rowKey.byteAt(Long.BYTES) != '_') {
      return Optional.empty();
    }
    long main = rowKey.asReadOnlyByteBuffer().getLong();
    return main < 0 ? Optional.empty() : Optional.of(main);
  }
}
