package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.repository.Description.Gap;
import io.lodestone.repository.Description.LineageDescription;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RepositorySourceTest {
  private ObjectStore store;

  @BeforeEach
  void openStore() {
    store = new MemoryObjectStore();
  }

  @Test
  void theTailBehindAnyRevisionHasExactlyWhatFollows() throws Exception {
    List<StreamItem> items = Histories.some(41);
    Histories.write(store, items, 7);
    for (long revision = 30; revision <= 60; revision++) {
      long behind = revision;
      List<StreamItem> tail =
          Histories.read(Histories.source(store).openAfter(revision), StreamOrder.after(revision));
      assertThat(tail.stream().filter(RevisionRecord.class::isInstance))
          .as("behind %d", revision)
          .containsExactlyElementsOf(
              items.stream()
                  .filter(i -> i instanceof RevisionRecord record && record.main() > behind)
                  .toList());
    }
  }

  @Test
  void aTailThatIsNotThereBecomesABaseAndSaysWhy() throws Exception {
    Histories.write(store, Histories.some(42), 7);
    assertThat(firstOf(29)).isEqualTo(Reason.COMPACTED);
    assertThat(firstOf(61)).isEqualTo(Reason.DIVERGED);
  }

  private Reason firstOf(long revision) throws Exception {
    try (var stream = Histories.source(store).openAfter(revision)) {
      return ((BaseStart) stream.next()).reason();
    }
  }

  @Test
  void aTimeMeansTheLastRevisionThatWasCompleteThen() throws Exception {
    List<StreamItem> items = Histories.some(43);
    Histories.write(store, items, 7);
    for (StreamItem item : items) {
      if (item instanceof Complete mark) {
        assertThat(until(mark.at())).isEqualTo(mark.revision());
        assertThat(until(mark.at().plusMillis(9))).isEqualTo(mark.revision());
      }
    }
    assertThatThrownBy(() -> until(Instant.parse("2025-01-01T00:00:00Z")))
        .isInstanceOfSatisfying(
            LodestoneException.class,
            e -> assertThat(e.hint()).contains(" to 60 (2026-01-01T00:00:00.300Z"));
  }

  private long until(Instant time) throws Exception {
    return Histories.source(store).at(time).until().orElseThrow();
  }

  @Test
  void aGapIsNamedAndNothingInItCanBeRestored() throws Exception {
    Histories.write(store, uncompacted(10, 12), 1);
    Histories.write(store, base(40, 35, Reason.COMPACTED), 1);

    LineageDescription described = describe().get(0);
    assertThat(described.gaps()).extracting(Gap::firstRevision).containsExactly(13L);
    assertThat(described.gaps()).extracting(Gap::lastRevision).containsExactly(34L);
    assertThat(described.ranges()).hasSize(2);
    for (long lost : new long[] {13, 34}) {
      assertThatThrownBy(() -> Histories.source(store).at(lost).openAtBase(Reason.INITIAL).close())
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining("revision " + lost + " is not in lineage");
    }
    for (long kept : new long[] {10, 12, 35, 40}) {
      List<StreamItem> items =
          Histories.read(
              Histories.source(store).at(kept).openAtBase(Reason.INITIAL), StreamOrder.atBase());
      assertThat(items.get(items.size() - 1))
          .isInstanceOfSatisfying(
              Complete.class, mark -> assertThat(mark.revision()).isEqualTo(kept));
    }
  }

  @Test
  void aTimeInsideAGapIsNotAnsweredWithAGuess() throws Exception {
    Histories.write(store, uncompacted(10, 12), 1);
    Histories.write(store, base(40, 35, Reason.COMPACTED), 1);
    assertThatThrownBy(() -> until(at(20)))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("is not in lineage");
    assertThat(until(at(12))).isEqualTo(12);
    assertThat(until(at(41))).isEqualTo(40);
  }

  @Test
  void aScheduledBaseIsNoNewsToAReaderOfTheTail() throws Exception {
    Histories.write(store, uncompacted(10, 12), 1);
    Histories.write(store, base(12, -1, Reason.REQUESTED), 1);
    List<StreamItem> tail =
        Histories.read(Histories.source(store).openAfter(10), StreamOrder.after(10));
    assertThat(tail).hasSize(4).noneMatch(BaseStart.class::isInstance);
    assertThat(describe().get(0).bases()).hasSize(2);
    assertThat(describe().get(0).gaps()).isEmpty();
  }

  @Test
  void aClusterThatDivergedGetsTheNextTimeline() throws Exception {
    Histories.write(store, uncompacted(10, 12), 1);
    Histories.write(store, base(5, -1, Reason.DIVERGED), 1);

    assertThat(describe())
        .extracting(LineageDescription::lineage)
        .containsExactly(new Lineage(0x1234, 1), new Lineage(0x1234, 2));
    assertThat(describe().get(0).successor()).hasValue("0000000000001234-2");
    assertThat(Histories.source(store).lineage().timeline()).isEqualTo(2);
    try (RepositoryWriter writer = Histories.writer(store)) {
      assertThat(writer.resumeFrom().end().orElseThrow().revision()).isEqualTo(5);
    }
    Repository repository = Repository.open(store);
    assertThat(
            Histories.read(
                repository.source(Histories.LINEAGE).openAtBase(Reason.INITIAL),
                StreamOrder.atBase()))
        .isEqualTo(uncompacted(10, 12));
    assertThat(repository.verify(VerifyReport.Progress.NONE).problems()).isEmpty();
  }

  @Test
  void aClusterThatWentBackWithoutSayingSoIsRefused() throws Exception {
    Histories.write(store, uncompacted(10, 12), 1);
    assertThatThrownBy(() -> Histories.write(store, base(5, -1, Reason.REQUESTED), 1))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("the cluster went back");
  }

  @Test
  void aBaseOfAnotherClusterIsRefused() throws Exception {
    BaseStart foreign = new BaseStart(new Origin(0x99, 1, "3.5.30"), Instant.EPOCH, Reason.INITIAL);
    try (RepositoryWriter writer = Histories.writer(store)) {
      assertThatThrownBy(() -> writer.accept(foreign))
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining("comes from cluster 99");
    }
  }

  @Test
  void theLeasesAtTheEndAreKnownWhereverTheAgentStops() throws Exception {
    RandomHistory history = new RandomHistory(44);
    List<StreamItem> items = history.stream(30, 900);
    Histories.write(store, items, 1);
    Position position = Repository.open(store).lastPosition(Histories.LINEAGE).orElseThrow();
    assertThat(position.end().orElseThrow().leases()).isEqualTo(history.leases());
    assertThat(position.end().orElseThrow().compaction().scheduled())
        .isEqualTo(history.compacted());
    assertThat(Histories.read(store)).isEqualTo(items);
  }

  @Test
  void aRepositoryThatIsNotThereIsSaidSo() {
    assertThatThrownBy(() -> Repository.open(store))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("there is no backup repository at memory:");
  }

  private List<LineageDescription> describe() throws Exception {
    return Repository.open(store).describe().lineages();
  }

  /** A base at {@code base} with one row, and a tail with one row for each revision. */
  private static List<StreamItem> uncompacted(long base, long head) {
    List<StreamItem> items = new ArrayList<>(base(base, -1, Reason.INITIAL));
    for (long revision = base + 1; revision <= head; revision++) {
      items.add(row(revision));
      items.add(new Complete(revision, at(revision)));
    }
    return items;
  }

  private static List<StreamItem> base(long revision, long compacted, Reason reason) {
    return List.of(
        new BaseStart(new Origin(0x1234, 1, "3.5.30"), at(revision), reason),
        new Compaction(compacted, compacted),
        new LeaseState(new LeaseId(7), 60, 30),
        row(revision),
        new Complete(revision, at(revision)));
  }

  private static RevisionRecord row(long revision) {
    return RevisionRecord.delete(new Revision(revision, 0), ByteString.copyFromUtf8("key"));
  }

  private static Instant at(long revision) {
    return Instant.ofEpochSecond(1_000_000 + revision);
  }
}
