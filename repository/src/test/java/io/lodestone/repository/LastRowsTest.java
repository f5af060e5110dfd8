package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last row of each key, from memory and from the temporary file. */
final class LastRowsTest {
  @TempDir Path folder;

  @Test
  void whatFitsAndWhatDoesNotLeadToTheSame() throws Exception {
    Random random = new Random(5);
    for (int runRows : new int[] {7, 100, 5_000}) {
      Map<ByteString, Integer> last = new HashMap<>();
      try (LastRows rows = new LastRows(folder, runRows)) {
        for (int i = 0; i < 3_000; i++) {
          ByteString key = ByteString.copyFromUtf8("key-" + random.nextInt(700));
          boolean live = random.nextInt(3) > 0;
          rows.add(key, live);
          last.put(key, live ? i : -1);
        }
        BitSet expected = new BitSet();
        last.values().stream().filter(row -> row >= 0).forEach(expected::set);
        assertThat(rows.find()).isEqualTo(expected);
      }
    }
    try (var left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }
}
