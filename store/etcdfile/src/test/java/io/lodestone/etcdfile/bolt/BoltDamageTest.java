package io.lodestone.etcdfile.bolt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LodestoneException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoltDamageTest {
  private static final int PAGE = 4096;
  private static final int FIRST_LEAF = 2 * PAGE;

  @TempDir Path folder;
  private byte[] intact;

  @BeforeEach
  void writeAFileOfThreeLevels() throws Exception {
    Path file = folder.resolve("intact");
    try (BoltWriter writer = BoltWriter.create(file)) {
      for (int i = 0; i < 30_000; i++) {
        writer.bucket("key").put(number(i), ByteString.copyFrom(new byte[i % 50]));
      }
      writer.bucket("meta").put(number(1), number(1));
      writer.finish();
    }
    intact = Files.readAllBytes(file);
  }

  @Test
  void aPageThatCallsItselfAnotherIsNamedWithItsOffset() {
    assertDamage(bytes -> bytes.putLong(FIRST_LEAF, 77), "byte offset 8192 calls itself page 77");
  }

  @Test
  void unknownPageFlagsAreRefused() {
    assertDamage(bytes -> bytes.putShort(FIRST_LEAF + 8, (short) 0x10), "flags 0x10");
  }

  @Test
  void overflowBeyondTheDatabaseIsRefusedBeforeItIsRead() {
    assertDamage(bytes -> bytes.putInt(FIRST_LEAF + 12, Integer.MAX_VALUE), "overflow pages");
    assertDamage(bytes -> bytes.putInt(FIRST_LEAF + 12, -1), "overflow pages");
  }

  @Test
  void moreElementsThanFitAreRefused() {
    assertDamage(bytes -> bytes.putShort(FIRST_LEAF + 10, (short) -1), "counts 65535 elements");
  }

  @Test
  void elementsThatPointOutsideAreRefused() {
    for (int field : new int[] {4, 8, 12}) {
      for (int value : new int[] {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, PAGE}) {
        assertDamage(bytes -> bytes.putInt(FIRST_LEAF + 16 + field, value), "points outside");
      }
    }
  }

  @Test
  void keysOutOfOrderAreRefused() {
    assertDamage(
        bytes -> bytes.putInt(FIRST_LEAF + 32 + 4, bytes.getInt(FIRST_LEAF + 16 + 4) - 16),
        "out of order");
  }

  @Test
  void aBranchThatPointsAtItselfIsALoop() {
    long branch = firstBranch();
    int at = (int) branch * PAGE;
    assertDamage(bytes -> bytes.putLong(at + 16 + 8, branch), "a loop");
  }

  @Test
  void aLeafThatIsReachedTwiceIsOutOfOrder() {
    int at = (int) firstBranch() * PAGE;
    assertDamage(
        bytes -> bytes.putLong(at + 32 + 8, bytes.getLong(at + 16 + 8)), "keys out of order");
  }

  @Test
  void aChildOutsideTheDatabaseIsRefused() {
    int at = (int) firstBranch() * PAGE;
    for (long child : new long[] {0, 1, -1, Long.MIN_VALUE, intact.length / PAGE}) {
      assertDamage(bytes -> bytes.putLong(at + 16 + 8, child), "refers to page");
    }
  }

  @Test
  void anEmptyLeafInsideATreeIsRefused() {
    assertDamage(bytes -> bytes.putShort(FIRST_LEAF + 10, (short) 0), "empty leaf");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomDamageEndsWithAnExplanationOrACleanResult(long seed) throws Exception {
    Random random = new Random(seed);
    int explained = 0;
    for (int i = 0; i < 100; i++) {
      byte[] bytes = intact.clone();
      int flips = 1 + random.nextInt(8);
      for (int flip = 0; flip < flips; flip++) {
        int page = random.nextInt(bytes.length / PAGE);
        int at = random.nextBoolean() ? random.nextInt(64) : random.nextInt(PAGE);
        bytes[page * PAGE + at] ^= (byte) (1 << random.nextInt(8));
      }
      if (random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      explained += isExplained(bytes) ? 1 : 0;
    }
    assertThat(explained).isPositive();
  }

  private boolean isExplained(byte[] bytes) throws Exception {
    try {
      readAll(Files.write(folder.resolve("random"), bytes));
      return false;
    } catch (LodestoneException e) {
      assertThat(e.getMessage()).contains("random");
      assertThat(e.hint()).isNotBlank();
      return true;
    }
  }

  private void assertDamage(Damage damage, String message) {
    byte[] bytes = intact.clone();
    damage.apply(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    assertThatThrownBy(() -> readAll(Files.write(folder.resolve("damaged"), bytes)))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("damaged");
  }

  private static void readAll(Path file) throws Exception {
    try (BoltFile bolt = BoltFile.open(file)) {
      BoltCursor buckets = bolt.root().cursor();
      while (buckets.next()) {
        if (buckets.isBucket()) {
          BoltCursor entries = bolt.root().bucket(buckets.key()).orElseThrow().cursor();
          while (entries.next()) {
            entries.value();
          }
        }
      }
    }
  }

  private long firstBranch() {
    ByteBuffer bytes = ByteBuffer.wrap(intact).order(ByteOrder.LITTLE_ENDIAN);
    for (int page = 2; page < intact.length / PAGE; page++) {
      if (bytes.getLong(page * PAGE) == page && bytes.getShort(page * PAGE + 8) == 1) {
        return page;
      }
    }
    throw new AssertionError("the file has no branch page");
  }

  private static ByteString number(long value) {
    return ByteString.copyFrom(ByteBuffer.allocate(8).putLong(value).flip());
  }

  /** One change of a file's bytes. */
  @FunctionalInterface
  private interface Damage {
    void apply(ByteBuffer bytes);
  }
}
