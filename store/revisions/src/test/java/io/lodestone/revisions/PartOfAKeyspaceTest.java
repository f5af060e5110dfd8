package io.lodestone.revisions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The keys below a prefix skip revisions, and no one takes them for a whole keyspace. */
final class PartOfAKeyspaceTest {
  private static final BaseStart PART =
      new BaseStart(
          Origin.UNKNOWN,
          Instant.EPOCH,
          Reason.INITIAL,
          Optional.of(ByteString.copyFromUtf8("/one/")));

  private static RevisionRecord row(long main, long sub) {
    return RevisionRecord.delete(new Revision(main, sub), ByteString.copyFromUtf8("/one/a"));
  }

  private static Complete complete(long revision) {
    return new Complete(revision, Instant.EPOCH);
  }

  @Test
  void revisionsMayBeSkippedAndCompletedButNotMixed() {
    StreamOrder order = StreamOrder.atBaseOfAny();
    order.advance(PART);
    order.advance(new Compaction(10, 10));
    order.advance(row(4, 0));
    order.advance(complete(10));
    order.advance(row(14, 0));
    order.advance(row(14, 1));
    assertThatThrownBy(() -> order.advance(row(15, 0))).isInstanceOf(BrokenStreamException.class);
    assertThatThrownBy(() -> order.advance(complete(13))).isInstanceOf(BrokenStreamException.class);
    order.advance(complete(14));
    order.advance(complete(20));
    assertThat(order.completeRevision()).isEqualTo(20);
    assertThatThrownBy(() -> order.advance(row(20, 0))).isInstanceOf(BrokenStreamException.class);
    assertThatThrownBy(() -> order.advance(complete(19))).isInstanceOf(BrokenStreamException.class);
  }

  @Test
  void whoDoesNotSayThatItMayBeAPartRefusesIt() {
    assertThatThrownBy(() -> StreamOrder.atBase().advance(PART))
        .isInstanceOfSatisfying(
            LodestoneException.class,
            e -> {
              assertThat(e).hasMessageContaining("'/one/' only");
              assertThat(e.hint()).contains("restore keys");
            });
    assertThatThrownBy(() -> StreamOrder.after(10).advance(PART))
        .isInstanceOf(LodestoneException.class);
    StreamOrder whole = StreamOrder.after(10);
    assertThatThrownBy(() -> whole.advance(row(12, 0))).isInstanceOf(BrokenStreamException.class);
    StreamOrder part = StreamOrder.afterInPart(10);
    part.advance(row(12, 0));
    part.advance(complete(12));
    assertThat(part.completeRevision()).isEqualTo(12);
  }
}
