package io.lodestone.repository.objects;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BoundedStreamTest {
  @Test
  void aLargeReadIsMadeOfSmallOnes() throws Exception {
    byte[] file = new byte[1 << 20];
    new Random(1).nextBytes(file);
    List<Integer> asked = new ArrayList<>();
    InputStream recorded =
        new ByteArrayInputStream(file) {
          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            asked.add(length);
            return super.read(target, offset, length);
          }
        };
    try (InputStream bounded = new BoundedStream(recorded, 1_000_000)) {
      assertThat(bounded.readNBytes(2_000_000)).isEqualTo(Arrays.copyOf(file, 1_000_000));
    }
    assertThat(asked).isNotEmpty().allMatch(length -> length <= BoundedStream.PIECE_BYTES);
  }
}
