package io.lodestone.mvcc.rocks;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store to be loaded, and what a load has made of it. */
abstract class LoadedStore {
  @TempDir Path folder;
  RocksStore store;

  @BeforeEach
  void open() throws IOException {
    store = RocksStore.open(folder, RocksSettings.loading(8 << 20));
  }

  @AfterEach
  void close() {
    store.close();
  }

  List<Map.Entry<ByteString, ByteString>> stored(Family family) {
    List<Map.Entry<ByteString, ByteString>> rows = new ArrayList<>();
    try (Cursor cursor = store.latest().from(family, ByteString.EMPTY)) {
      while (cursor.next()) {
        rows.add(Map.entry(cursor.key(), cursor.value()));
      }
    }
    return rows;
  }

  /** Files that a load has left beside the store's. */
  List<String> loadFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("load-"))
          .toList();
    }
  }
}
