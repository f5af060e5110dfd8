package io.lodestone.revisions.digest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hashes that stock etcd 3.4.23, 3.5.30 and 3.6.14 gave for the same eight revisions. */
final class HashKvTest {
  private static final List<RevisionRecord> ROWS =
      List.of(
          row("00000000000000025f0000000000000000", "0a01611002180220012a0131"),
          row("00000000000000035f0000000000000000", "0a01621003180320012a0132"),
          row("00000000000000045f0000000000000000", "0a01611002180420022a01323011"),
          row("00000000000000055f000000000000000074", "0a0162"),
          row("00000000000000065f0000000000000000", "0a0163100618062001"),
          row("00000000000000065f0000000000000001", "0a01641006180620012a0134"),
          row("00000000000000065f000000000000000274", "0a0161"),
          row("00000000000000075f0000000000000000", "0a01651007180720012a0135"),
          row("00000000000000075f000000000000000174", "0a0165"),
          row("00000000000000085f0000000000000000", "0a01641006180820022a023434"));

  @Test
  void anEmptyStoreHashesTheBucketsName() throws Exception {
    assertThat(hash(List.of(), -1, 1)).isEqualTo(1084519789L);
  }

  @Test
  void everyRevisionOfAStoreNeverCompacted() throws Exception {
    assertThat(hashes(-1, 2, 8))
        .containsExactly(
            2587454935L,
            1827592406L,
            231026670L,
            2038443888L,
            1223713935L,
            601087182L,
            3468382226L);
  }

  @Test
  void everyRevisionAboveACompaction() throws Exception {
    assertThat(hashes(3, 4, 8))
        .containsExactly(3097484641L, 374539234L, 1652577651L, 1712311773L, 1164796705L);
    assertThat(hashes(5, 6, 8)).containsExactly(54108079L, 652358588L, 1879712226L);
    assertThat(hash(ROWS, 8, 8)).isEqualTo(796345857L);
  }

  /** They differ where no key is alive. */
  @Test
  void whatWasSaidInEitherWayIsFound() throws Exception {
    RowScan deleted = scan(List.of(ROWS.get(7), ROWS.get(8)));
    HashKv now = HashKv.of(deleted, 7, 8);
    HashKv before = HashKv.asBefore3516(deleted, 7, 8);
    assertThat(before).isNotEqualTo(now);
    assertThat(HashKv.like(now, deleted)).isEqualTo(now);
    assertThat(HashKv.like(before, deleted)).isEqualTo(before);
    assertThat(HashKv.like(new HashKv(1, 7, 8), deleted)).isEqualTo(now);
  }

  @Test
  void rowsThatTheCompactionHasNotYetRemovedMakeNoDifference() throws Exception {
    List<RevisionRecord> compacted = List.of(ROWS.get(4), ROWS.get(9));
    assertThat(hash(compacted, 8, 8)).isEqualTo(hash(ROWS, 8, 8));
    assertThat(digest(compacted, 8, 8)).isEqualTo(digest(ROWS, 8, 8));
  }

  @Test
  void aTableOfKeysTooSmallForAllIsFilledInShares() throws Exception {
    for (long compact = 2; compact <= 8; compact++) {
      Survivors whole = Survivors.find(scan(ROWS), compact, 8);
      Survivors shared = Survivors.find(scan(ROWS), compact, 8, 16);
      for (int row = 0; row < ROWS.size(); row++) {
        assertThat(shared.contains(row)).isEqualTo(whole.contains(row));
      }
    }
  }

  @Test
  void theDigestDoesNotDependOnTheOrderOfRows() throws Exception {
    List<RevisionRecord> reversed = new ArrayList<>(ROWS);
    java.util.Collections.reverse(reversed);
    assertThat(digest(reversed, -1, 8)).isEqualTo(digest(ROWS, -1, 8));
  }

  private static List<Long> hashes(long compact, long from, long to) throws Exception {
    List<Long> hashes = new ArrayList<>();
    for (long revision = from; revision <= to; revision++) {
      hashes.add(hash(ROWS, compact, revision));
    }
    return hashes;
  }

  private static long hash(List<RevisionRecord> rows, long compact, long revision)
      throws Exception {
    return Integer.toUnsignedLong(HashKv.of(scan(rows), compact, revision).hash());
  }

  private static KeyspaceDigest digest(List<RevisionRecord> rows, long compact, long revision)
      throws Exception {
    return KeyspaceDigest.of(scan(rows), compact, revision);
  }

  static RowScan scan(List<RevisionRecord> rows) {
    return visitor -> {
      for (RevisionRecord row : rows) {
        if (!visitor.row(row)) {
          return;
        }
      }
    };
  }

  private static RevisionRecord row(String key, String value) {
    return RevisionRecord.ofRow(bytes(key), bytes(value));
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  static List<RevisionRecord> rows(RevisionRecord... rows) {
    return Arrays.asList(rows);
  }
}
