package io.lodestone.client.lockstep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.LodestoneException;
import io.lodestone.peers.EtcdCluster;
import io.lodestone.peers.EtcdRelease;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Forges histories on stock etcd, through its public API alone, held against what they hash to. */
@Tag("once")
final class ForgingTest {
  /** Each hash reads a whole database. */
  private static final long HASHED_REVISIONS = 60;

  @TempDir Path folder;

  private final AtomicReference<ForgeCost> cost = new AtomicReference<>();

  private Destination fresh(String minor) throws Exception {
    return new Destination(EtcdCluster.of(EtcdRelease.of(minor), folder.resolve("etcd")).start());
  }

  private LockstepSink sink(Destination destination) throws Exception {
    return sink(destination, revision -> {});
  }

  private LockstepSink sink(Destination destination, LongConsumer at) throws Exception {
    return sink(destination, new FileShelf(folder.resolve("base.db")), at);
  }

  private LockstepSink sink(Destination destination, BaseShelf shelf, LongConsumer at)
      throws Exception {
    ForgeListener listener =
        new ForgeListener() {
          @Override
          public void begins(ForgeCost told) {
            cost.set(told);
          }

          @Override
          public void at(long revision, long target) {
            at.accept(revision);
          }
        };
    ForgeOptions forge =
        new ForgeOptions(shelf, Set.of(Reason.INITIAL, Reason.COMPACTED), listener);
    return LockstepSink.forging(
        destination.connection, lease -> OptionalLong.empty(), Destination.PATIENCE, forge);
  }

  private static void assertSame(Destination destination, RandomHistory history, long head)
      throws Exception {
    assertThat(destination.connection.revision()).isEqualTo(head);
    long first = Math.max(2, history.compacted() + 1);
    long step = 1 + (head - first) / HASHED_REVISIONS;
    for (long revision = head; revision >= first; revision -= step) {
      destination.assertHash(history.rows(), history.compacted(), revision);
    }
  }

  @ParameterizedTest
  @CsvSource({"3.4,1,60", "3.4,2,2500", "3.5,3,60", "3.5,4,2500", "3.5,5,2"})
  void anyHistoryCanBeForgedOnAnEmptyCluster(String minor, long seed, long base) throws Exception {
    RandomHistory history = new RandomHistory(seed);
    List<StreamItem> items = history.stream(base, base + 60);
    try (Destination destination = fresh(minor);
        LockstepSink sink = sink(destination)) {
      assertThat(Destination.replay(sink, items)).isEqualTo(base + 60);
      assertSame(destination, history, base + 60);
      assertThat(cost.get().transactions()).isEqualTo(base - 1);
      assertThat(destination.connection.leases()).containsAll(history.leases().keySet());
    }
  }

  @ParameterizedTest
  @CsvSource({"3.4,11,150", "3.5,12,150", "3.4,13,1500", "3.5,14,1500"})
  void aGapIsForgedInPlace(String minor, long seed, long gap) throws Exception {
    RandomHistory history = new RandomHistory(seed);
    try (Destination destination = fresh(minor);
        LockstepSink sink = sink(destination)) {
      Destination.replay(sink, history.stream(40, 120));
      assertSame(destination, history, 120);
      List<StreamItem> later = history.stream(120 + gap, 120 + gap + 50);
      assertThat(history.compacted()).isGreaterThan(120);
      assertThat(Destination.replay(sink, later)).isEqualTo(120 + gap + 50);
      assertSame(destination, history, 120 + gap + 50);
    }
  }

  private static final class BrokenOff extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Each attempt is of a later base, as a source that lives on gives it. */
  @ParameterizedTest
  @ValueSource(strings = {"3.4", "3.5"})
  void brokenOffAnywhereItGoesOnWithALaterBase(String minor) throws Exception {
    RandomHistory history = new RandomHistory(21);
    try (Destination destination = fresh(minor)) {
      for (long base = 300; base <= 900; base += 100) {
        List<StreamItem> items = history.stream(base, base);
        long stop = destination.connection.revision() + 47;
        try (LockstepSink sink = sink(destination, at -> breakOff(at >= stop))) {
          assertThatThrownBy(() -> Destination.replay(sink, items)).isInstanceOf(BrokenOff.class);
        }
      }
      try (LockstepSink sink = sink(destination)) {
        Destination.replay(sink, history.stream(950, 1000));
      }
      assertSame(destination, history, 1000);
    }
  }

  private static void breakOff(boolean now) {
    if (now) {
      throw new BrokenOff();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 40, 700, 1900})
  void aForeignWriteStopsTheForging(long when) throws Exception {
    MadeBase base = MadeBase.compactedAt(2000);
    try (Destination destination = fresh("3.5")) {
      try (LockstepSink sink = sink(destination, at -> writeOnce(destination, at, when))) {
        assertThatThrownBy(() -> Destination.replay(sink, base.items()))
            .isInstanceOf(DivergedException.class)
            .hasMessageContaining("somebody else wrote");
      }
    }
  }

  private boolean written;

  private void writeOnce(Destination destination, long at, long when) {
    if (at >= when && !written) {
      written = true;
      long unused = destination.put("foreign");
    }
  }

  @Test
  void aDestinationKilledWhileItIsPaddedLosesAndRepeatsNothing() throws Exception {
    MadeBase base = MadeBase.compactedAt(40_000);
    try (Destination destination = fresh("3.5");
        LockstepSink sink = sink(destination)) {
      CompletableFuture<Void> killed =
          CompletableFuture.runAsync(() -> destination.killAndRestartAt(3_000));
      assertThat(Destination.replay(sink, base.items())).isEqualTo(40_001);
      killed.join();
      destination.assertHash(base.rows(), 40_000, 40_001);
      assertThat(cost.get().padding()).isGreaterThan(39_000);
    }
  }

  @Test
  void whatTheDestinationHasPassedIsRefusedBeforeAnythingIsWritten() throws Exception {
    MadeHistory history = new MadeHistory();
    history.put("early", "1").commit();
    history.put("other", "2").commit();
    try (Destination destination = fresh("3.5")) {
      long at = destination.put("a");
      assertThat(at).isEqualTo(2);
      try (LockstepSink sink = sink(destination)) {
        assertThatThrownBy(() -> Destination.replay(sink, MadeBase.of(history, 2).items()))
            .isInstanceOfSatisfying(
                LodestoneException.class,
                failure -> assertThat(failure.hint()).contains("--to-data-dir"))
            .hasMessageContaining("early");
      }
      assertThat(destination.connection.revision()).isEqualTo(2);
    }
  }

  @Test
  void keysThatLookLikeOursAreKeptApart() throws Exception {
    MadeHistory history = new MadeHistory();
    for (int i = 0; i < 30; i++) {
      history.put("lodestone-forging/pad", "v" + i).commit();
      history.put("~lodestone-forging/0", "v" + i).put("b", "b" + i).commit();
    }
    MadeBase base = MadeBase.of(history, 50);
    try (Destination destination = fresh("3.4");
        LockstepSink sink = sink(destination)) {
      Destination.replay(sink, base.items());
      destination.assertHash(base.rows(), 50, 55);
      destination.assertHash(base.rows(), 50, 61);
    }
  }

  /** A file with all rows tells of the compaction behind its base, others at its beginning. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCompactionThatWasNotCarriedOutYetCounts(boolean inFile) throws Exception {
    MadeHistory history = new MadeHistory();
    for (int i = 0; i < 40; i++) {
      history.put("a", "v" + i).put("k" + i % 7, "w").commit();
      if (i % 5 == 0) {
        history.delete("k" + i % 7).commit();
      }
    }
    MadeBase base = MadeBase.ofAllRows(history, 30);
    BaseShelf shelf = inFile ? new FileShelf(folder.resolve("base.db")) : new MemoryShelf();
    try (Destination destination = fresh("3.5");
        LockstepSink sink = sink(destination, shelf, revision -> {})) {
      long head = Destination.replay(sink, base.items());
      for (long revision = 31; revision <= head; revision++) {
        destination.assertHash(base.rows(), 30, revision);
      }
    }
  }

  /** Only the records of a stream, as a base with a compact revision. */
  private record MadeBase(List<RevisionRecord> records, long compacted, long finished, long head) {

    /** One key of every two hundred revisions, one of which was changed very often. */
    static MadeBase compactedAt(long revision) {
      MadeHistory history = new MadeHistory();
      while (history.revision() < revision + 1) {
        boolean rare = history.revision() % 200 == 0;
        history.put(rare ? "k" + history.revision() : "often", "v").commit();
      }
      return of(history, revision);
    }

    static MadeBase of(MadeHistory history, long compacted) {
      return new MadeBase(history.survivors(compacted), compacted, compacted, history.revision());
    }

    static MadeBase ofAllRows(MadeHistory history, long compacted) {
      return new MadeBase(history.survivors(-1), compacted, -1, history.revision());
    }

    List<StreamItem> items() {
      List<StreamItem> items = new ArrayList<>();
      items.add(new BaseStart(Origin.UNKNOWN, Instant.EPOCH, Reason.INITIAL));
      items.add(new Compaction(compacted, finished));
      items.addAll(records);
      items.add(new Complete(head, Instant.EPOCH));
      return items;
    }

    RowScan rows() {
      return visitor -> scan(visitor);
    }

    private void scan(RowScan.Visitor visitor) throws IOException {
      for (RevisionRecord row : records) {
        if (!visitor.row(row)) {
          return;
        }
      }
    }
  }
}
