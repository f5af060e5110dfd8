package io.lodestone.revisions;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MemorySinkTest extends StreamContract {
  private final MemorySink sink = new MemorySink();

  @Override
  protected RevisionSink newSink() {
    return sink;
  }

  @Override
  protected RevisionSource written() {
    return sink;
  }

  @Override
  protected boolean anythingVisible() throws Exception {
    return !sink.openAtBase(StreamItem.Reason.INITIAL).next().equals(new StreamItem.End());
  }

  @Test
  void aSourceOpenedBehindARevisionHasOnlyItsTail() throws Exception {
    writeAll(new RandomHistory(13).stream(20, 25));
    try (RevisionStream tail = new CheckedStream(sink.openAfter(23), StreamOrder.after(23))) {
      StreamItem item = tail.next();
      assertThat(item)
          .isInstanceOfSatisfying(
              RevisionRecord.class, record -> assertThat(record.main()).isEqualTo(24));
    }
  }
}
