package io.lodestone.mvcc.keyspace;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.Rows;
import java.nio.ByteBuffer;

/**
 * How far a store has come: one row of {@code meta}, written with every batch. Immutable.
 *
 * @param appliedIndex of the last entry applied; 0 for none
 * @param revision main revision; 1 for an empty store
 * @param compactRevision below which reads fail; -1 for never compacted
 */
public record Standing(long appliedIndex, long appliedTerm, long revision, long compactRevision) {
  private static final ByteString KEY = ByteString.copyFromUtf8("standing");
  private static final int LENGTH = 4 * Long.BYTES;

  /** Of a store in which nothing has happened. */
  public static final Standing FRESH = new Standing(0, 0, 1, -1);

  public Standing {
    if (appliedIndex < 0 || revision < 1 || compactRevision < -1 || compactRevision > revision) {
      throw new IllegalArgumentException(
          "index " + appliedIndex + ", revision " + revision + ", compacted " + compactRevision);
    }
  }

  public Standing applied(long index, long term) {
    return new Standing(index, term, revision, compactRevision);
  }

  public Standing atRevision(long next) {
    return new Standing(appliedIndex, appliedTerm, next, compactRevision);
  }

  public Standing compactedAt(long compact) {
    return new Standing(appliedIndex, appliedTerm, revision, compact);
  }

  public static Standing read(Rows rows) {
    return rows.get(Family.META, KEY).map(Standing::decode).orElse(FRESH);
  }

  private static Standing decode(ByteString row) {
    if (row.size() != LENGTH) {
      throw new CorruptDataException(
          "the standing of the store has " + row.size() + " bytes instead of " + LENGTH,
          "check the disk; restore this data directory from a backup");
    }
    ByteBuffer in = row.asReadOnlyByteBuffer();
    return new Standing(in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }

  public void writeTo(Mutations mutations) {
    ByteBuffer row = ByteBuffer.allocate(LENGTH);
    row.putLong(appliedIndex).putLong(appliedTerm).putLong(revision).putLong(compactRevision);
    mutations.put(Family.META, KEY, ByteString.copyFrom(row.flip()));
  }
}
