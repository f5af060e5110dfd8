package io.lodestone.mvcc.rocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnsortedLoadTest {
  private static final int RUN_BYTES = 1 << 10;

  @TempDir private Path folder;
  private RocksStore store;

  @BeforeEach
  void open() throws IOException {
    store = RocksStore.open(folder, RocksSettings.loading(8 << 20));
  }

  @AfterEach
  void close() {
    store.close();
  }

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
    assertEquals(rows(expected), stored(), "seed " + seed);
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
    assertEquals(List.of(Map.entry(key, value), Map.entry(small, key)), stored());
  }

  @Test
  void nothingIsAlsoARun() throws IOException {
    try (UnsortedLoad load = store.unsortedLoad(Family.HEAD, RUN_BYTES)) {
      load.finish();
    }
    assertEquals(List.of(), stored());
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

  private List<Map.Entry<ByteString, ByteString>> stored() {
    List<Map.Entry<ByteString, ByteString>> rows = new ArrayList<>();
    try (Cursor cursor = store.latest().from(Family.HEAD, ByteString.EMPTY)) {
      while (cursor.next()) {
        rows.add(Map.entry(cursor.key(), cursor.value()));
      }
    }
    return rows;
  }

  private static List<Map.Entry<ByteString, ByteString>> rows(Map<ByteString, ByteString> rows) {
    return rows.entrySet().stream().map(row -> Map.entry(row.getKey(), row.getValue())).toList();
  }

  private List<String> loadFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("load-"))
          .toList();
    }
  }
}
