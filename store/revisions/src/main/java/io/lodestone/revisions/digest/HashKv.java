package io.lodestone.revisions.digest;

import com.google.protobuf.ByteString;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The answer of etcd's {@code HashKV}: a CRC-32C over the bucket's name and the rows that count at
 * {@code revision}, given the compact revision. Two stores can be compared where revision and
 * compact revision are the same on both.
 *
 * <p>Rows above the compact revision all count; rows at or below it count where they are the state
 * of their key at the revision asked for. Two corners are etcd's own: where no key is alive at all,
 * every stored row counts; and a tombstone exactly at the compact revision does not, from 3.4.34
 * and 3.5.16 on.
 *
 * @param hash unsigned 32 bits
 * @param compactRevision -1 where the store was never compacted
 */
public record HashKv(int hash, long compactRevision, long revision) {

  /** Hashes as 3.4.34, 3.5.16, 3.6 and everything newer do. */
  public static HashKv of(RowScan rows, long compactRevision, long revision) throws IOException {
    return of(rows, compactRevision, revision, true);
  }

  /** Hashes as older members do, which also count a tombstone at the compact revision. */
  public static HashKv asBefore3516(RowScan rows, long compactRevision, long revision)
      throws IOException {
    return of(rows, compactRevision, revision, false);
  }

  /**
   * Hashes {@code rows} at the revision and compact revision of {@code said}, in the way of older
   * members where that gives what was said. The rows must not be compacted further.
   */
  public static HashKv like(HashKv said, RowScan rows) throws IOException {
    HashKv now = of(rows, said.compactRevision, said.revision);
    if (now.equals(said)) {
      return now;
    }
    HashKv before = asBefore3516(rows, said.compactRevision, said.revision);
    return before.equals(said) ? before : now;
  }

  private static HashKv of(
      RowScan rows, long compact, long revision, boolean skipsTombstoneAtCompact)
      throws IOException {
    CRC32C crc = new CRC32C();
    crc.update("key".getBytes(StandardCharsets.US_ASCII));
    if (compact < 0) {
      scanUpTo(rows, revision, (row, ordinal) -> update(crc, row));
    } else {
      Survivors survivors = Survivors.find(rows, compact, revision);
      scanUpTo(
          rows,
          revision,
          (row, ordinal) -> {
            boolean superseded =
                row.main() <= compact && survivors.anyLive() && !survivors.contains(ordinal);
            boolean deadAtCompact =
                skipsTombstoneAtCompact && row.main() == compact && row.tombstone();
            if (!superseded && !deadAtCompact) {
              update(crc, row);
            }
          });
    }
    return new HashKv((int) crc.getValue(), compact, revision);
  }

  private static void update(CRC32C crc, RevisionRecord row) {
    update(crc, row.rowKey());
    update(crc, row.value());
  }

  private static void update(CRC32C crc, ByteString bytes) {
    crc.update(bytes.asReadOnlyByteBuffer());
  }

  static void scanUpTo(RowScan rows, long revision, NumberedVisitor visitor) throws IOException {
    int[] ordinal = {0};
    rows.scan(
        row -> {
          if (row.main() > revision) {
            return false;
          }
          visitor.row(row, ordinal[0]++);
          return true;
        });
  }

  interface NumberedVisitor {
    void row(RevisionRecord row, int ordinal) throws IOException;
  }

  /** The hash as etcdctl prints it. */
  @Override
  public String toString() {
    return Integer.toUnsignedString(hash)
        + " (revision "
        + revision
        + ", compacted at "
        + compactRevision
        + ")";
  }
}
