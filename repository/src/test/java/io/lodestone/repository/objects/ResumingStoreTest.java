package io.lodestone.repository.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Reads that break off every few bytes. */
final class ResumingStoreTest {
  private final ByteString content = noise();
  private final List<Long> offsets = new ArrayList<>();

  private static ByteString noise() {
    byte[] bytes = new byte[10_000];
    new Random(1).nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  /** A store whose reads break after so many bytes. */
  private ObjectStore breakingAfter(int bytes) {
    MemoryObjectStore memory = new MemoryObjectStore();
    memory.create("object", content);
    return new ForwardingStore(memory) {
      @Override
      public InputStream read(String name, long offset, long length) throws IOException {
        offsets.add(offset);
        return new FilterInputStream(super.read(name, offset, length)) {
          private int left = bytes;

          @Override
          public int read(byte[] target, int from, int count) throws IOException {
            if (left == 0) {
              throw new IOException("connection reset");
            }
            int read = in.read(target, from, Math.min(count, left));
            left -= Math.max(read, 0);
            return read;
          }
        };
      }
    };
  }

  @Test
  void whatHasArrivedIsNotAskedForAgain() throws Exception {
    ObjectStore store = new ResumingStore(breakingAfter(3_000), Duration.ofMillis(1));
    try (InputStream in = store.read("object", 1_000, 8_000)) {
      assertThat(ByteString.readFrom(in)).isEqualTo(content.substring(1_000, 9_000));
    }
    assertThat(offsets).containsExactly(1_000L, 4_000L, 7_000L);
  }

  @Test
  void aReadThatGetsNowhereFailsAsTheStoreDid() throws Exception {
    ObjectStore store = new ResumingStore(breakingAfter(0), Duration.ofMillis(1));
    try (InputStream in = store.read("object", 0, 10)) {
      assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessage("connection reset");
    }
    assertThat(offsets).hasSizeBetween(3, 10).containsOnly(0L);
  }

  @Test
  void anObjectThatIsMissingIsNotWaitedFor() {
    ObjectStore store = new ResumingStore(breakingAfter(3_000), Duration.ofHours(1));
    assertThatThrownBy(() -> store.read("other", 0, 10)).isInstanceOf(MissingObjectException.class);
  }
}
