package io.lodestone.mvcc.rocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class UnsortedLoadTest extends LoadedStore {
  private static final int RUN_BYTES = 1 << 10;

  @Test
  void theLastRowOfAKeyCountsWithinARunAndAcrossRuns() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<ByteString, ByteString> expected =
        new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    try (UnsortedLoad load = store.unsortedLoad(Family.HEAD, RUN_BYTES)) {
      for (int i = 0; i < 20_000; i++) {
        ByteString key = key(random);
        if (random.nextInt(4) == 0) {
          load.delete(key);
          expected.remove(key);
        } else {
          ByteString value = bytes(random, random.nextInt(60));
          load.put(key, value);
          expected.put(key, value);
        }
      }
      load.finish();
    }
    assertEquals(rows(expected), stored(Family.HEAD), "seed " + seed);
  }

  @Test
  void aRowMayBeLargerThanARun() throws IOException {
    ByteString key = ByteString.copyFromUtf8("large");
    ByteString value = bytes(new Random(1), 100 * RUN_BYTES);
    ByteString small = ByteString.copyFromUtf8("small");
    try (UnsortedLoad load = store.unsortedLoad(Family.HEAD, RUN_BYTES)) {
      load.put(small, small);
      load.put(key, value);
      load.put(small, key);
      load.finish();
    }
    assertEquals(List.of(Map.entry(key, value), Map.entry(small, key)), stored(Family.HEAD));
  }

  @Test
  void nothingIsAlsoARun() throws IOException {
    try (UnsortedLoad load = store.unsortedLoad(Family.HEAD, RUN_BYTES)) {
      load.finish();
    }
    assertEquals(List.of(), stored(Family.HEAD));
  }

  @Test
  void whatWasNotFinishedLeavesNoFilesBeside() throws IOException {
    try (UnsortedLoad load = store.unsortedLoad(Family.HEAD, RUN_BYTES)) {
      Random random = new Random(2);
      for (int i = 0; i < 1000; i++) {
        load.put(key(random), bytes(random, 50));
      }
    }
    assertEquals(List.of(), loadFiles());
  }

  @Test
  void aFailureOfTheSortingThreadReachesTheCaller() throws IOException {
    Files.createDirectory(TableFile.path(folder, Family.HEAD, 0));
    try (UnsortedLoad load = store.unsortedLoad(Family.HEAD, RUN_BYTES)) {
      load.put(ByteString.copyFromUtf8("k"), ByteString.copyFromUtf8("v"));
      assertThrows(IOException.class, load::finish);
    }
  }

  /** Keys of any bytes, half of which begin alike; few enough to come again. */
  private static ByteString key(Random random) {
    byte[] tail = {(byte) random.nextInt(256), (byte) random.nextInt(8)};
    String head = random.nextBoolean() ? "/registry/pods/" : "";
    return ByteString.copyFromUtf8(head).concat(ByteString.copyFrom(tail));
  }

  private static ByteString bytes(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private static List<Map.Entry<ByteString, ByteString>> rows(Map<ByteString, ByteString> rows) {
    return rows.entrySet().stream().map(row -> Map.entry(row.getKey(), row.getValue())).toList();
  }
}
