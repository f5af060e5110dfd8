package io.lodestone.mvcc.compaction;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.Rows;
import java.nio.ByteBuffer;

/** The row of {@code meta} that says up to which revision superseded rows are gone. */
public final class FinishedMark {
  private static final ByteString KEY = ByteString.copyFromUtf8("finishedCompactRevision");

  private FinishedMark() {}

  /** -1 where nothing was ever removed. */
  public static long read(Rows rows) {
    return rows.get(Family.META, KEY).map(FinishedMark::decode).orElse(-1L);
  }

  private static long decode(ByteString row) {
    if (row.size() != Long.BYTES) {
      throw new CorruptDataException(
          "the mark of the last compaction has " + row.size() + " bytes",
          "check the disk; restore this data directory from a backup");
    }
    return row.asReadOnlyByteBuffer().getLong();
  }

  public static void write(Mutations mutations, long revision) {
    ByteBuffer row = ByteBuffer.allocate(Long.BYTES).putLong(revision).flip();
    mutations.put(Family.META, KEY, ByteString.copyFrom(row));
  }
}
