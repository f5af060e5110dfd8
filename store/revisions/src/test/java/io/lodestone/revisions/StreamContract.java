package io.lodestone.revisions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.LeaseGone;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.digest.HashKv;
import io.lodestone.revisions.digest.KeyspaceDigest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every sink and the source of what it wrote promise together: any stream that goes in comes
 * out with the same digest. Each implementation runs this suite by extending it.
 */
public abstract class StreamContract {

  /** A new, empty target. */
  protected abstract RevisionSink newSink() throws Exception;

  /**
   * A source over what the sinks of this test have committed; fails, or has nothing, if that is
   * nothing.
   */
  protected abstract RevisionSource written() throws Exception;

  /** True where something committed is visible. */
  protected abstract boolean anythingVisible() throws Exception;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  public void everyHistoryKeepsItsDigest(long seed) throws Exception {
    RandomHistory history = new RandomHistory(seed);
    List<StreamItem> items = history.stream(60, 160);
    assertThat(writeAll(items)).isEqualTo(160);

    Held held = readAll();
    assertThat(held.complete).isEqualTo(160);
    assertThat(held.compacted).isEqualTo(history.compacted());
    assertThat(HashKv.of(held.rows(), held.compacted, 160))
        .isEqualTo(HashKv.of(history.rows(), held.compacted, 160));
    assertThat(KeyspaceDigest.of(held.rows(), held.compacted, 160))
        .isEqualTo(KeyspaceDigest.of(history.rows(), held.compacted, 160));
    assertThat(held.leases).isEqualTo(history.leases());
  }

  @Test
  public void sideStateOfTheBaseComesBack() throws Exception {
    List<StreamItem> items = new RandomHistory(6).stream(30, 30);
    writeAll(items);
    List<StreamItem> read = items(written().openAtBase(Reason.INITIAL));
    for (StreamItem item : items) {
      if (item instanceof StreamItem.AuthState
          || item instanceof StreamItem.UserState
          || item instanceof StreamItem.RoleState) {
        assertThat(read).contains(item);
      }
    }
  }

  @Test
  public void readingStopsAtAnyRevisionAboveTheBasesCompaction() throws Exception {
    RandomHistory history = new RandomHistory(7);
    List<StreamItem> items = history.stream(50, 90);
    writeAll(items);
    for (long revision : new long[] {50, 51, 66, 89, 90}) {
      Held held = read(new StopAt(written().openAtBase(Reason.INITIAL), revision));
      assertThat(held.complete).isEqualTo(revision);
      Held expected = read(new StopAt(new MemoryStream(items), revision));
      assertThat(HashKv.of(held.rows(), held.compacted, revision))
          .isEqualTo(HashKv.of(expected.rows(), held.compacted, revision));
    }
  }

  @Test
  public void recordsOfARevisionThatNeverCompletedStayInvisible() throws Exception {
    List<StreamItem> items = new RandomHistory(8).stream(20, 25);
    try (RevisionSink sink = newSink()) {
      for (StreamItem item : items) {
        sink.accept(item);
      }
      RevisionRecord torn =
          RevisionRecord.delete(
              new Revision(26, 0), com.google.protobuf.ByteString.copyFromUtf8("torn"));
      sink.accept(torn);
      assertThat(sink.commit()).isEqualTo(25);
    }
    Held held = readAll();
    assertThat(held.complete).isEqualTo(25);
    assertThat(held.rows.lastKey().main()).isEqualTo(25);
  }

  @Test
  public void aSinkClosedWithoutCommitLeavesNoTrace() throws Exception {
    try (RevisionSink sink = newSink()) {
      for (StreamItem item : new RandomHistory(9).stream(20, 25)) {
        sink.accept(item);
      }
    }
    assertThat(anythingVisible()).isFalse();
  }

  @Test
  public void aNewBaseReplacesWhatCameBefore() throws Exception {
    List<StreamItem> items = new ArrayList<>(new RandomHistory(10).stream(20, 25));
    RandomHistory second = new RandomHistory(11);
    items.addAll(second.stream(40, 45));
    assertThat(writeAll(items)).isEqualTo(45);
    Held held = readAll();
    assertThat(HashKv.of(held.rows(), held.compacted, 45))
        .isEqualTo(HashKv.of(second.rows(), held.compacted, 45));
    assertThat(held.leases).isEqualTo(second.leases());
  }

  @Test
  public void aGapIsRefused() throws Exception {
    try (RevisionSink sink = newSink()) {
      for (StreamItem item : new RandomHistory(12).stream(20, 25)) {
        sink.accept(item);
      }
      RevisionRecord late =
          RevisionRecord.delete(
              new Revision(27, 0), com.google.protobuf.ByteString.copyFromUtf8("late"));
      assertThatThrownBy(() -> sink.accept(late)).isInstanceOf(LodestoneException.class);
    }
  }

  /** Feeds all items to a new sink and commits; returns what the commit said. */
  protected final long writeAll(List<StreamItem> items) throws Exception {
    try (RevisionSink sink = newSink()) {
      for (StreamItem item : items) {
        sink.accept(item);
      }
      return sink.commit();
    }
  }

  protected final Held readAll() throws Exception {
    return read(written().openAtBase(Reason.INITIAL));
  }

  protected static List<StreamItem> items(RevisionStream stream)
      throws IOException, InterruptedException {
    List<StreamItem> items = new ArrayList<>();
    try (CheckedStream checked = new CheckedStream(stream, StreamOrder.atBase())) {
      for (StreamItem item = checked.next(); !(item instanceof End); item = checked.next()) {
        items.add(item);
      }
    }
    return items;
  }

  protected static Held read(RevisionStream stream) throws IOException, InterruptedException {
    Held held = new Held();
    items(stream).forEach(held::take);
    return held;
  }

  /** What a stream adds up to. */
  protected static final class Held {
    public final TreeMap<Revision, RevisionRecord> rows = new TreeMap<>();
    public final Map<LeaseId, LeaseState> leases = new HashMap<>();
    public long compacted = -1;
    public long complete;

    private void take(StreamItem item) {
      if (item instanceof StreamItem.BaseStart) {
        rows.clear();
        leases.clear();
      } else if (item instanceof RevisionRecord record) {
        rows.put(record.revision(), record);
      } else if (item instanceof LeaseState lease) {
        leases.put(lease.id(), lease);
      } else if (item instanceof LeaseGone gone) {
        leases.remove(gone.id());
      } else if (item instanceof StreamItem.Compaction compaction) {
        compacted = compaction.scheduled();
      } else if (item instanceof Complete mark) {
        complete = mark.revision();
      }
    }

    public RowScan rows() {
      return visitor -> {
        for (RevisionRecord row : rows.values()) {
          if (!visitor.row(row)) {
            return;
          }
        }
      };
    }
  }
}
