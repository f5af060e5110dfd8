package io.lodestone.mvcc;

import static io.lodestone.mvcc.Requests.put;
import static io.lodestone.mvcc.Requests.request;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.TruncatedDataException;
import io.lodestone.api.UnsupportedFormatException;
import io.lodestone.mvcc.rocks.Family;
import io.lodestone.mvcc.rocks.Mutations;
import io.lodestone.mvcc.rocks.RocksSettings;
import io.lodestone.mvcc.rocks.RocksStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is damaged, incomplete or too new is refused, each with an error of its own. */
final class DamageTest {
  @TempDir Path directory;

  @BeforeEach
  void fill() throws Exception {
    try (TestEngine engine = new TestEngine(directory)) {
      for (int i = 0; i < 1000; i++) {
        engine.apply(request(put("key" + i, "x".repeat(200))));
      }
      engine.engine().defragment();
    }
  }

  private List<Path> files(String suffix) throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).toList();
    }
  }

  private void open() throws Exception {
    try (TestEngine engine = new TestEngine(directory)) {
      engine.rows();
      engine.range(Requests.everything());
    }
  }

  @Test
  void aMissingTableFileOrPointerIsTold() throws Exception {
    Files.delete(files(".sst").get(0));
    assertThatThrownBy(this::open).isInstanceOf(TruncatedDataException.class);
    Files.delete(directory.resolve("CURRENT"));
    assertThatThrownBy(this::open).isInstanceOf(TruncatedDataException.class);
  }

  @Test
  void aFlippedByteInATableIsTold() throws Exception {
    for (Path file : files(".sst")) {
      byte[] bytes = Files.readAllBytes(file);
      for (int i = 0; i < bytes.length; i += 50) {
        bytes[i] ^= 1;
      }
      Files.write(file, bytes, StandardOpenOption.TRUNCATE_EXISTING);
    }
    assertThatThrownBy(this::open).isInstanceOf(CorruptDataException.class);
  }

  @Test
  void aNewerFormatIsTold() throws Exception {
    try (RocksStore store = RocksStore.open(directory, RocksSettings.serving(64 << 20))) {
      Mutations mutations = store.newMutations();
      mutations.put(
          Family.META,
          ByteString.copyFromUtf8("format"),
          ByteString.copyFromUtf8("lodestone-engine 3"));
      store.writeDurably(mutations);
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("lodestone-engine 3");
  }
}
