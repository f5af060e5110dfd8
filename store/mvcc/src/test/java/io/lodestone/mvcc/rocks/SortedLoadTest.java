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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SortedLoadTest {
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
  void rowsOfAllSizesArriveAsTheyWere() throws IOException {
    Random random = new Random(1);
    List<Map.Entry<ByteString, ByteString>> rows = new ArrayList<>();
    try (SortedLoad load = store.sortedLoad(Family.REVISIONS)) {
      for (int i = 0; i < 3000; i++) {
        byte[] value =
            new byte[i % 500 == 7 ? 3 << 20 : i % 50 == 3 ? 100_000 : random.nextInt(90)];
        random.nextBytes(value);
        rows.add(Map.entry(key(i), ByteString.copyFrom(value)));
        load.put(key(i), ByteString.copyFrom(value));
      }
      load.finish();
    }
    assertEquals(rows, stored());
  }

  @Test
  void nothingIsThereBeforeItsEnd() throws IOException {
    try (SortedLoad load = store.sortedLoad(Family.REVISIONS)) {
      for (int i = 0; i < 3000; i++) {
        load.put(key(i), ByteString.copyFrom(new byte[1000]));
      }
    }
    assertEquals(List.of(), stored());
    assertEquals(List.of(), loadFiles());
  }

  @Test
  void aRowOutOfOrderIsRefused() throws IOException {
    try (SortedLoad load = store.sortedLoad(Family.REVISIONS)) {
      load.put(key(2), ByteString.EMPTY);
      load.put(key(1), ByteString.EMPTY);
      assertThrows(IOException.class, load::finish);
    }
    assertEquals(List.of(), loadFiles());
  }

  private static ByteString key(int number) {
    return ByteString.copyFromUtf8(String.format("key-%09d", number));
  }

  private List<Map.Entry<ByteString, ByteString>> stored() {
    List<Map.Entry<ByteString, ByteString>> rows = new ArrayList<>();
    try (Cursor cursor = store.latest().from(Family.REVISIONS, ByteString.EMPTY)) {
      while (cursor.next()) {
        rows.add(Map.entry(cursor.key(), cursor.value()));
      }
    }
    return rows;
  }

  private List<Path> loadFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("load-")).toList();
    }
  }
}
