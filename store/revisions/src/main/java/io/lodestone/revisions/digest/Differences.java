package io.lodestone.revisions.digest;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Names the keys in which two keyspaces differ, by cutting the ranges whose sums differ into ever
 * smaller ones. Takes a handful of passes over both sides; holds {@link #MAX_OPEN} ranges and the
 * sums of about {@link #ROWS_IN_HAND} keys.
 */
public final class Differences {
  private static final int MAX_OPEN = 256;
  private static final int SAMPLES = 1024;
  private static final int ROWS_IN_HAND = 4096;

  private final RowScan left;
  private final RowScan right;

  /**
   * Compares the survivors of both sides at one compact revision and one revision, as {@link
   * KeyspaceDigest} covers them.
   */
  public Differences(RowScan left, RowScan right, long compactRevision, long revision) {
    this.left = visitor -> KeyspaceDigest.scanSurvivors(left, compactRevision, revision, visitor);
    this.right = visitor -> KeyspaceDigest.scanSurvivors(right, compactRevision, revision, visitor);
  }

  /**
   * The first keys, ascending and at most {@code limit}, of which one side has a row that the other
   * has not.
   */
  public List<ByteString> keys(int limit) throws IOException {
    List<ByteString> splits = List.of();
    while (true) {
      Open open = differing(splits);
      List<ByteString> finer = open.rows <= ROWS_IN_HAND ? splits : splitsWithin(open.ranges);
      if (finer.equals(splits)) {
        return differingKeys(open.ranges).stream().limit(limit).toList();
      }
      splits = finer;
    }
  }

  /** The first ranges that differ, and how many rows they have on the side that has more. */
  private record Open(List<KeyRange> ranges, long rows) {}

  private Open differing(List<ByteString> splits) throws IOException {
    List<RangeSum> ours = KeyspaceDigest.sums(left, splits);
    List<RangeSum> theirs = KeyspaceDigest.sums(right, splits);
    List<KeyRange> ranges = new ArrayList<>();
    long rows = 0;
    for (int i = 0; i < ours.size() && ranges.size() < MAX_OPEN; i++) {
      if (!ours.get(i).equals(theirs.get(i))) {
        ranges.add(ours.get(i).range());
        rows += Math.max(ours.get(i).rows(), theirs.get(i).rows());
      }
    }
    return new Open(ranges, rows);
  }

  /** The bounds of the ranges, and keys spaced evenly over what lies inside them. */
  private List<ByteString> splitsWithin(List<KeyRange> ranges) throws IOException {
    NavigableSet<ByteString> splits = keySet();
    for (KeyRange range : ranges) {
      splits.add(range.start());
      if (!range.isFromKey()) {
        splits.add(range.end());
      }
    }
    for (RowScan side : List.of(left, right)) {
      KeySample sample = new KeySample();
      scanWithin(side, ranges, sample::offer);
      splits.addAll(sample.keys);
    }
    return List.copyOf(splits);
  }

  private List<ByteString> differingKeys(List<KeyRange> ranges) throws IOException {
    Map<ByteString, BigInteger> ours = sumsByKey(left, ranges);
    Map<ByteString, BigInteger> theirs = sumsByKey(right, ranges);
    NavigableSet<ByteString> keys = keySet();
    keys.addAll(ours.keySet());
    keys.addAll(theirs.keySet());
    keys.removeIf(key -> Objects.equals(ours.get(key), theirs.get(key)));
    return List.copyOf(keys);
  }

  private static Map<ByteString, BigInteger> sumsByKey(RowScan side, List<KeyRange> ranges)
      throws IOException {
    Map<ByteString, BigInteger> sums = new HashMap<>();
    scanWithin(
        side,
        ranges,
        row ->
            sums.merge(row.key(), new BigInteger(1, KeyspaceDigest.sha256(row)), BigInteger::add)
                != null);
    return sums;
  }

  private static void scanWithin(RowScan side, List<KeyRange> ranges, RowScan.Visitor visitor)
      throws IOException {
    side.scan(
        row -> ranges.stream().noneMatch(range -> range.contains(row.key())) || visitor.row(row));
  }

  private static NavigableSet<ByteString> keySet() {
    return new TreeSet<>(ByteString.unsignedLexicographicalComparator());
  }

  /** Keeps every n-th key offered, n doubling whenever the sample is full. */
  private static final class KeySample {
    private List<ByteString> keys = new ArrayList<>();
    private long offered;
    private long stride = 1;

    boolean offer(RevisionRecord row) {
      if (offered++ % stride == 0) {
        keys.add(row.key());
      }
      if (keys.size() == SAMPLES) {
        List<ByteString> half = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i += 2) {
          half.add(keys.get(i));
        }
        keys = half;
        stride *= 2;
      }
      return true;
    }
  }
}
