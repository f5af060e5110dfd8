package io.lodestone.revisions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.Revision;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class StreamOrderTest {
  private static final BaseStart BASE =
      new BaseStart(Origin.UNKNOWN, Instant.EPOCH, Reason.INITIAL);

  @Test
  void aBaseMayHaveHolesTheTailMayNot() {
    StreamOrder order = StreamOrder.atBase();
    advance(
        order,
        BASE,
        new Compaction(5, 5),
        new AuthState(false, 1),
        record(3, 0),
        record(9, 2),
        complete(9));
    advance(order, record(10, 0), record(10, 1), complete(10));
    assertThat(order.completeRevision()).isEqualTo(10);
    refused(order, record(12, 0));
  }

  @Test
  void aRevisionIsNotCompleteBeforeItsRecordsNorBelowItsBasesCompaction() {
    StreamOrder tail = StreamOrder.after(10);
    refused(tail, complete(11));
    StreamOrder base = StreamOrder.atBase();
    advance(base, BASE, new Compaction(8, 8), record(3, 0));
    refused(base, complete(7));
  }

  @Test
  void aQuietSourceMayRepeatItsLastRevision() {
    StreamOrder order = StreamOrder.after(10);
    advance(order, complete(10), complete(10));
    assertThat(order.atBoundary()).isTrue();
  }

  @Test
  void recordsAscendStrictly() {
    StreamOrder order = StreamOrder.after(10);
    advance(order, record(11, 0), record(11, 1));
    refused(order, record(11, 1));
    refused(order, record(10, 5));
  }

  @Test
  void sideStateStandsBeforeTheRecordsOfABaseAndBetweenRevisionsOfATail() {
    LeaseState lease = new LeaseState(new LeaseId(1), 10, 5);
    StreamOrder base = StreamOrder.atBase();
    advance(base, BASE, Compaction.NEVER, lease, record(2, 0));
    refused(base, lease);
    StreamOrder tail = StreamOrder.after(10);
    advance(tail, lease, record(11, 0));
    refused(tail, lease);
    refused(StreamOrder.after(10), new AuthState(true, 2));
  }

  @Test
  void aBaseBeginsWithItsCompactionAndAStreamDoesNotEndInsideOne() {
    StreamOrder order = StreamOrder.atBase();
    refused(order, record(2, 0));
    advance(order, BASE);
    refused(order, record(2, 0));
    refused(order, new End());
  }

  private static void advance(StreamOrder order, StreamItem... items) {
    for (StreamItem item : items) {
      order.advance(item);
    }
  }

  private static void refused(StreamOrder order, StreamItem item) {
    assertThatThrownBy(() -> order.advance(item)).isInstanceOf(BrokenStreamException.class);
  }

  private static RevisionRecord record(long main, long sub) {
    return RevisionRecord.delete(new Revision(main, sub), ByteString.copyFromUtf8("k"));
  }

  private static Complete complete(long revision) {
    return new Complete(revision, Instant.EPOCH);
  }
}
