package io.lodestone.mvcc.rocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SortedLoadTest extends LoadedStore {
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
    assertEquals(rows, stored(Family.REVISIONS));
  }

  @Test
  void nothingIsThereBeforeItsEnd() throws IOException {
    try (SortedLoad load = store.sortedLoad(Family.REVISIONS)) {
      for (int i = 0; i < 3000; i++) {
        load.put(key(i), ByteString.copyFrom(new byte[1000]));
      }
    }
    assertEquals(List.of(), stored(Family.REVISIONS));
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
}
