package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.objects.FileObjectStore;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.SharedS3Server;
import io.lodestone.repository.objects.SharedS3Server.Running;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is seen inside a backup is what the history was, at every revision, whatever its shape. */
@ExtendWith(SharedS3Server.class)
final class ContentsTest {
  private static final List<StreamItem> ITEMS = Histories.some(77);
  private static final LineageNames NAMES = new LineageNames(Histories.LINEAGE.toString());
  private static final Levels LEVELS =
      new Levels(List.of(Duration.ofMillis(20), Duration.ofMillis(80)), 1L << 30);

  @TempDir Path folder;

  @Test
  void everyKeyAtEveryRevisionIsWhatItWas() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    Histories.write(store, ITEMS, 3);
    checkAll(store);
    Repository.open(store).compact(Histories.LINEAGE, LEVELS, Histories.SMALL_PARTS);
    checkAll(store);
  }

  @Test
  void filesAndBucketsAreLookedIntoAlike(Running running) throws Exception {
    ObjectStore files = new FileObjectStore(folder.resolve("files"));
    Histories.write(files, ITEMS, 7);
    checkState(files, 47);
    try (ObjectStore bucket = running.freshS3()) {
      Histories.write(bucket, ITEMS, 7);
      checkState(bucket, 47);
    }
  }

  @Test
  void withoutKeyIndexesTheAnswersAreTheSame() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    Histories.write(store, ITEMS, 30);
    Iterator<StoredObject> listed = store.list(NAMES.parts(), "");
    int deleted = 0;
    while (listed.hasNext()) {
      String name = listed.next().name();
      if (NAMES.isKeyIndex(name)) {
        store.delete(name);
        deleted++;
      }
    }
    assertThat(deleted).isPositive();
    checkAll(store);
  }

  @Test
  void whatWasCompactedAwayOrIsYetToComeIsRefused() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    Histories.write(store, ITEMS, 3);
    Contents contents = contents(store);
    assertThatThrownBy(() -> contents.get(bytes("key-1"), 61))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("revision 61 is not in lineage");
    long compacted = firstRevision();
    assertThatThrownBy(() -> contents.get(bytes("key-1"), compacted - 1))
        .isInstanceOf(LodestoneException.class);
  }

  @Test
  void everyVersionOfAKeyIsToldOnceWithItsTime() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    Histories.write(store, ITEMS, 3);
    try (RepositoryWriter writer = Histories.writer(store)) {
      // The same base again, taken later: it tells nothing new.
      Histories.feed(writer, baseAtTheEnd(), 1);
    }
    for (int i = 0; i < 40; i++) {
      ByteString key = bytes("key-" + i);
      List<KeyVersion> versions = new ArrayList<>();
      contents(store).history(key, versions::add);
      assertThat(versions.stream().map(KeyVersion::revision).toList())
          .isEqualTo(
              rows().filter(row -> row.key().equals(key)).map(RevisionRecord::main).toList());
      for (KeyVersion version : versions) {
        assertThat(version.at())
            .isEqualTo(
                version.revision() <= 30 ? Optional.empty() : Optional.of(at(version.revision())));
      }
    }
  }

  /** The state at the end as a base; of the tail nothing is compacted away. */
  private static List<StreamItem> baseAtTheEnd() {
    List<StreamItem> items = new ArrayList<>();
    items.add(
        new StreamItem.BaseStart(
            ((StreamItem.BaseStart) ITEMS.get(0)).origin(), at(60), StreamItem.Reason.REQUESTED));
    items.add(new Compaction(firstRevision(), firstRevision()));
    rows().forEach(items::add);
    items.add(new Complete(60, at(60)));
    return items;
  }

  private static Instant at(long revision) {
    return ITEMS.stream()
        .filter(item -> item instanceof Complete mark && mark.revision() == revision)
        .map(item -> ((Complete) item).at())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void twoPointsDifferInWhatChangedBetweenThem() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    Histories.write(store, ITEMS, 3);
    for (int[] points : new int[][] {{30, 60}, {41, 43}, {52, 52}, {60, 35}}) {
      Map<ByteString, RevisionRecord> before = stateAt(points[0]);
      Map<ByteString, RevisionRecord> after = stateAt(points[1]);
      List<KeyChange> changes = new ArrayList<>();
      contents(store).diff(KeyRange.all(), points[0], points[1], changes::add);
      Set<ByteString> differing = new TreeSet<>(ORDER);
      differing.addAll(before.keySet());
      differing.addAll(after.keySet());
      differing.removeIf(key -> Objects.equals(before.get(key), after.get(key)));
      assertThat(changes.stream().map(KeyChange::key).toList())
          .containsExactlyElementsOf(differing);
      for (KeyChange change : changes) {
        assertThat(change.before().map(KeyVersion::revision))
            .isEqualTo(Optional.ofNullable(before.get(change.key())).map(RevisionRecord::main));
        assertThat(change.after().map(KeyVersion::revision))
            .isEqualTo(Optional.ofNullable(after.get(change.key())).map(RevisionRecord::main));
      }
    }
  }

  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private void checkAll(ObjectStore store) throws Exception {
    for (long revision = Math.max(firstRevision(), 1); revision <= 60; revision += 3) {
      checkState(store, revision);
    }
  }

  private void checkState(ObjectStore store, long revision) throws Exception {
    Map<ByteString, RevisionRecord> expected = stateAt(revision);
    Contents contents = contents(store);
    for (int i = 0; i < 41; i++) {
      ByteString key = bytes("key-" + i);
      assertThat(contents.get(key, revision))
          .as("%s at %d", key.toStringUtf8(), revision)
          .isEqualTo(Optional.ofNullable(expected.get(key)));
    }
    List<RevisionRecord> all = new ArrayList<>();
    contents.rows(KeyRange.all(), revision, all::add);
    assertThat(all).isEqualTo(expected.values().stream().sorted(BY_REVISION).toList());
    List<RevisionRecord> some = new ArrayList<>();
    contents.rows(KeyRange.prefix(bytes("key-1")), revision, some::add);
    assertThat(some)
        .isEqualTo(all.stream().filter(row -> row.key().startsWith(bytes("key-1"))).toList());
  }

  private static final Comparator<RevisionRecord> BY_REVISION =
      Comparator.comparing(RevisionRecord::revision);

  private static Map<ByteString, RevisionRecord> stateAt(long revision) {
    Map<ByteString, RevisionRecord> state = new TreeMap<>(ORDER);
    rows()
        .filter(row -> row.main() <= revision)
        .forEach(
            row -> {
              if (row.tombstone()) {
                state.remove(row.key());
              } else {
                state.put(row.key(), row);
              }
            });
    return state;
  }

  private static Stream<RevisionRecord> rows() {
    return ITEMS.stream().filter(RevisionRecord.class::isInstance).map(RevisionRecord.class::cast);
  }

  /** The compact revision of the base. */
  private static long firstRevision() {
    return ((Compaction) ITEMS.get(1)).scheduled();
  }

  private Contents contents(ObjectStore store) throws Exception {
    return Repository.open(store).contents(Histories.LINEAGE, folder);
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
