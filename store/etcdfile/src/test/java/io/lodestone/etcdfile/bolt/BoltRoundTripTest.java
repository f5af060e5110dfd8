package io.lodestone.etcdfile.bolt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.TruncatedDataException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoltRoundTripTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 4096, 16384, 65536})
  void everyPageSizeGivesBackWhatWasWritten(int pageSize) throws Exception {
    NavigableMap<ByteString, ByteString> entries = randomEntries(new Random(pageSize), 20_000);
    Path file = write(pageSize, entries);
    try (BoltFile bolt = BoltFile.open(file)) {
      BoltBucket bucket = bolt.root().bucket(utf8("big")).orElseThrow();
      BoltCursor cursor = bucket.cursor();
      for (Map.Entry<ByteString, ByteString> entry : entries.entrySet()) {
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.key()).isEqualTo(entry.getKey());
        assertThat(cursor.value()).isEqualTo(entry.getValue());
      }
      assertThat(cursor.next()).isFalse();
      assertThat(cursor.last()).isTrue();
      assertThat(cursor.key()).isEqualTo(entries.lastKey());
    }
  }

  @Test
  void seekFindsTheFirstKeyNotBelow() throws Exception {
    Random random = new Random(7);
    NavigableMap<ByteString, ByteString> entries = randomEntries(random, 5_000);
    try (BoltFile bolt = BoltFile.open(write(1024, entries))) {
      BoltCursor cursor = bolt.root().bucket(utf8("big")).orElseThrow().cursor();
      for (int i = 0; i < 2_000; i++) {
        ByteString wanted = randomKey(random);
        cursor.seek(wanted);
        ByteString expected = entries.ceilingKey(wanted);
        assertThat(cursor.next()).isEqualTo(expected != null);
        if (expected != null) {
          assertThat(cursor.key()).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void bucketsMayBeFilledInTurns() throws Exception {
    Path file = folder.resolve("turns");
    try (BoltWriter writer = BoltWriter.create(file)) {
      for (int i = 0; i < 10_000; i++) {
        writer.bucket(i % 3 == 0 ? "a" : "b").put(number(i), number(-i));
      }
      writer.bucket("empty");
      writer.bucket("a").sequence(42);
      writer.finish();
    }
    try (BoltFile bolt = BoltFile.open(file)) {
      BoltBucket a = bolt.root().bucket(utf8("a")).orElseThrow();
      assertThat(a.get(number(9999))).contains(number(-9999));
      assertThat(a.get(number(9998))).isEmpty();
      assertThat(a.sequence()).isEqualTo(42);
      assertThat(bolt.root().bucket(utf8("b")).orElseThrow().get(number(9998)))
          .contains(number(-9998));
      assertThat(bolt.root().bucket(utf8("empty")).orElseThrow().cursor().next()).isFalse();
      assertThat(bolt.root().bucket(utf8("none"))).isEmpty();
    }
  }

  @Test
  void aDamagedMetaPageIsSurvivedByTheOther() throws Exception {
    NavigableMap<ByteString, ByteString> entries = randomEntries(new Random(1), 1_000);
    Path file = write(8192, entries);
    for (int page = 0; page < 2; page++) {
      byte[] bytes = Files.readAllBytes(file);
      bytes[page * 8192 + 40] ^= 1;
      Path damaged = Files.write(folder.resolve("damaged-" + page), bytes);
      try (BoltFile bolt = BoltFile.open(damaged)) {
        assertThat(bolt.root().bucket(utf8("big")).orElseThrow().get(entries.firstKey()))
            .contains(entries.firstEntry().getValue());
      }
    }
  }

  @Test
  void withoutAValidMetaPageTheFileIsCorrupt() throws Exception {
    Path file = Files.write(folder.resolve("noise"), new byte[20_000]);
    assertThatThrownBy(() -> BoltFile.open(file))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("neither meta page");
  }

  @Test
  void aShortenedFileIsTruncated() throws Exception {
    Path file = write(4096, randomEntries(new Random(2), 1_000));
    byte[] bytes = Files.readAllBytes(file);
    Path cut = folder.resolve("cut");
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length - 4096));
    assertThatThrownBy(() -> BoltFile.open(cut)).isInstanceOf(TruncatedDataException.class);
  }

  @Test
  void theTrailerCoversEveryByte() throws Exception {
    Path file = folder.resolve("snapshot");
    try (BoltWriter writer = BoltWriter.create(file)) {
      writer.bucket("key").put(number(1), number(2));
      writer.finishWithTrailer();
    }
    try (BoltFile bolt = BoltFile.open(file)) {
      assertThat(bolt.hasTrailer()).isTrue();
      bolt.verifyTrailer();
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 100] ^= 1;
    Files.write(file, bytes);
    try (BoltFile bolt = BoltFile.open(file)) {
      assertThatThrownBy(bolt::verifyTrailer).isInstanceOf(CorruptDataException.class);
    }
  }

  private Path write(int pageSize, NavigableMap<ByteString, ByteString> entries) throws Exception {
    Path file = folder.resolve("file-" + pageSize);
    try (BoltWriter writer = BoltWriter.create(file, pageSize)) {
      for (Map.Entry<ByteString, ByteString> entry : entries.entrySet()) {
        writer.bucket("big").put(entry.getKey(), entry.getValue());
      }
      writer.finish();
    }
    return file;
  }

  private static NavigableMap<ByteString, ByteString> randomEntries(Random random, int count) {
    TreeMap<ByteString, ByteString> entries =
        new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    for (int i = 0; i < count; i++) {
      boolean large = random.nextInt(500) == 0;
      byte[] value = new byte[random.nextInt(large ? 300_000 : 60)];
      random.nextBytes(value);
      entries.put(randomKey(random), ByteString.copyFrom(value));
    }
    return entries;
  }

  private static ByteString randomKey(Random random) {
    byte[] key = new byte[1 + random.nextInt(random.nextInt(100) == 0 ? 900 : 30)];
    random.nextBytes(key);
    return ByteString.copyFrom(key);
  }

  private static ByteString number(long value) {
    return ByteString.copyFrom(ByteBuffer.allocate(8).putLong(value).flip());
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
