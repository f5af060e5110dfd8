package io.lodestone.revisions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.CorruptDataException;
import io.lodestone.revisions.StreamItem.End;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class PrefetchedStreamTest {
  private static final List<StreamItem> ITEMS = new RandomHistory(1).stream(2_000, 4_000);

  @Test
  void itemsComeInOrderAndThenOnlyTheEnd() throws Exception {
    try (RevisionStream stream = PrefetchedStream.of(new MemoryStream(ITEMS))) {
      assertThat(drain(stream)).isEqualTo(ITEMS);
      assertThat(stream.next()).isEqualTo(new End());
    }
  }

  @Test
  void aFailureOfTheSourceReachesTheConsumerBehindWhatCameBefore() throws Exception {
    try (RevisionStream stream =
        PrefetchedStream.of(
            new Failing(600, new CorruptDataException("bad page", "another copy")))) {
      List<StreamItem> seen = new ArrayList<>();
      assertThatThrownBy(() -> seen.addAll(drain(stream)))
          .isInstanceOf(CorruptDataException.class)
          .hasMessage("bad page");
    }
    try (RevisionStream stream = PrefetchedStream.of(new Failing(0, new IOException("disk")))) {
      assertThatThrownBy(stream::next).isInstanceOf(IOException.class).hasMessage("disk");
    }
  }

  @Test
  void closingDoesNotWaitForAReaderThatHasNowhereToPut() throws Exception {
    Closeable source = new Closeable();
    PrefetchedStream.of(source).close();
    assertThat(source.closed.getCount()).isZero();
  }

  private static List<StreamItem> drain(RevisionStream stream)
      throws IOException, InterruptedException {
    List<StreamItem> items = new ArrayList<>();
    for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
      items.add(item);
    }
    return items;
  }

  /** Gives some items, then fails. */
  private static final class Failing implements RevisionStream {
    private final RevisionStream items = new MemoryStream(ITEMS);
    private final Exception failure;
    private int left;

    Failing(int after, Exception failure) {
      this.left = after;
      this.failure = failure;
    }

    @Override
    public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
      if (left-- > 0) {
        return items.poll(maxWait);
      }
      if (failure instanceof IOException ofDisk) {
        throw ofDisk;
      }
      throw (RuntimeException) failure;
    }

    @Override
    public void close() {}
  }

  /** Never ends, and notices that it was closed. */
  private static final class Closeable implements RevisionStream {
    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public Optional<StreamItem> poll(Duration maxWait) {
      return Optional.of(ITEMS.get(0));
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
