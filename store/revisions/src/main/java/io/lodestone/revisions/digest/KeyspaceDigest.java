package io.lodestone.revisions.digest;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import java.io.IOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The strong digest of a keyspace at a revision: a {@link RangeSum} for each of a list of key
 * ranges. Covered are the rows that a complete history must have: all above the compact revision,
 * and the state of every key at it. Whether older rows have already been removed from storage
 * therefore makes no difference, nor does the order of rows. Immutable.
 */
public record KeyspaceDigest(long compactRevision, long revision, List<RangeSum> ranges) {
  public KeyspaceDigest {
    ranges = List.copyOf(ranges);
  }

  /** The digest of all keys in one range. */
  public static KeyspaceDigest of(RowScan rows, long compactRevision, long revision)
      throws IOException {
    RowScan survivors = visitor -> scanSurvivors(rows, compactRevision, revision, visitor);
    return new KeyspaceDigest(compactRevision, revision, sums(survivors, List.of()));
  }

  /**
   * Sums up all rows, cut into ranges at {@code splits}, which ascend: one range below the first,
   * one from each on.
   */
  static List<RangeSum> sums(RowScan rows, List<ByteString> splits) throws IOException {
    Accumulator sums = new Accumulator(splits);
    rows.scan(sums::add);
    return sums.finish();
  }

  static byte[] sha256(RevisionRecord row) {
    MessageDigest sha256 = newSha256();
    sha256.update(row.rowKey().asReadOnlyByteBuffer());
    sha256.update(row.value().asReadOnlyByteBuffer());
    return sha256.digest();
  }

  /** Shows every row that the digest covers. */
  static void scanSurvivors(RowScan rows, long compact, long revision, RowScan.Visitor visitor)
      throws IOException {
    Survivors survivors = compact < 0 ? null : Survivors.find(rows, compact, compact);
    HashKv.scanUpTo(
        rows,
        revision,
        (row, ordinal) -> {
          if (survivors == null || row.main() > compact || survivors.contains(ordinal)) {
            visitor.row(row);
          }
        });
  }

  /** All ranges in one sum. */
  public RangeSum total() {
    RangeSum total = RangeSum.empty(KeyRange.all());
    for (RangeSum range : ranges) {
      total = total.plus(range);
    }
    return total;
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Adds up in eight words of 32 bits, so that a row costs one SHA-256 and no big numbers. */
  private static final class Accumulator {
    private final List<ByteString> splits;
    private final long[] counts;
    private final int[][] limbs;

    Accumulator(List<ByteString> splits) {
      this.splits = splits;
      this.counts = new long[splits.size() + 1];
      this.limbs = new int[splits.size() + 1][8];
    }

    boolean add(RevisionRecord row) {
      int range = rangeOf(row.key());
      addTo(limbs[range], sha256(row));
      counts[range]++;
      return true;
    }

    private int rangeOf(ByteString key) {
      int low = 0;
      int high = splits.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (ByteString.unsignedLexicographicalComparator().compare(splits.get(middle), key) <= 0) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    /** limbs[0] is the least significant 32 bits; the digest is big endian. */
    private static void addTo(int[] limbs, byte[] digest) {
      long carry = 0;
      for (int i = 0; i < limbs.length; i++) {
        int at = digest.length - 4 * (i + 1);
        long word = Integer.toUnsignedLong(wordAt(digest, at));
        long sum = Integer.toUnsignedLong(limbs[i]) + word + carry;
        limbs[i] = (int) sum;
        carry = sum >>> 32;
      }
    }

    private static int wordAt(byte[] bytes, int at) {
      return (bytes[at] & 0xff) << 24
          | (bytes[at + 1] & 0xff) << 16
          | (bytes[at + 2] & 0xff) << 8
          | (bytes[at + 3] & 0xff);
    }

    List<RangeSum> finish() {
      List<RangeSum> sums = new ArrayList<>();
      for (int i = 0; i < counts.length; i++) {
        ByteString start = i == 0 ? KeyRange.all().start() : splits.get(i - 1);
        ByteString end = i == splits.size() ? KeyRange.all().end() : splits.get(i);
        sums.add(new RangeSum(new KeyRange(start, end), counts[i], number(limbs[i])));
      }
      return sums;
    }

    private static BigInteger number(int[] limbs) {
      BigInteger number = BigInteger.ZERO;
      for (int i = limbs.length - 1; i >= 0; i--) {
        number = number.shiftLeft(32).or(BigInteger.valueOf(Integer.toUnsignedLong(limbs[i])));
      }
      return number;
    }
  }
}
