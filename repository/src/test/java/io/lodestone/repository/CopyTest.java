package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.FaultyStore.Died;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.keys.Keyset;
import io.lodestone.repository.objects.FileObjectStore;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.SharedS3Server;
import io.lodestone.repository.objects.SharedS3Server.Running;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamOrder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A copy in a second repository is a log at every moment, and in the end the same one. */
@ExtendWith(SharedS3Server.class)
final class CopyTest {
  private static final List<StreamItem> ITEMS = Histories.some(31);
  private static final LineageNames NAMES = new LineageNames(Histories.LINEAGE.toString());
  private static final Levels LEVELS =
      new Levels(List.of(Duration.ofMillis(20), Duration.ofMillis(40)), 1L << 30);
  private static final Levels HIGHER =
      new Levels(
          List.of(Duration.ofMillis(20), Duration.ofMillis(40), Duration.ofMillis(80)), 1L << 30);

  @TempDir Path directory;

  @Test
  void itHoldsTheSameBytesAndIsFollowedByNothingNew() throws Exception {
    ObjectStore from = written(ITEMS);
    ObjectStore to = new MemoryObjectStore();
    CopyReport done = copy(from, to, 4);
    assertThat(done.lastSeq()).isEqualTo(Histories.lastSeq(from));
    assertThat(done.revision()).isEqualTo(60);
    assertThat(contents(to)).isEqualTo(contents(from));
    checkIs(to, ITEMS);

    CopyReport again = copy(from, to, 4);
    assertThat(again.objects()).isZero();
    assertThat(again.lastSeq()).isEqualTo(done.lastSeq());
  }

  private static Map<String, ByteString> contents(ObjectStore store) throws Exception {
    Map<String, ByteString> contents = new TreeMap<>();
    Iterator<StoredObject> all = store.list(LineageNames.ROOT, "");
    while (all.hasNext()) {
      String name = all.next().name();
      try (InputStream in = store.read(name, 0, Integer.MAX_VALUE)) {
        contents.put(name, ByteString.readFrom(in));
      }
    }
    contents.remove(NAMES.writer());
    return contents;
  }

  @Test
  void itFollowsALogThatIsCompactedBetweenTheRuns() throws Exception {
    for (int split = firstEnd(); split < ITEMS.size(); split += 5) {
      ObjectStore from = written(ITEMS.subList(0, split));
      ObjectStore to = new MemoryObjectStore();
      copy(from, to, 3);
      Histories.write(from, ITEMS.subList(lastComplete(split), ITEMS.size()), 1);
      compact(from, split % 2 == 0 ? LEVELS : HIGHER);
      copy(from, to, 3);
      checkIs(to, ITEMS);
      for (int revision = 31; revision < 60; revision += 7) {
        assertThat(after(to, revision)).isEqualTo(after(from, revision));
      }
      compact(to, HIGHER);
      checkIs(to, ITEMS);
      assertThat(verify(to).orphans()).isZero();
    }
  }

  private static List<StreamItem> after(ObjectStore store, long revision) throws Exception {
    return Histories.read(Histories.source(store).openAfter(revision), StreamOrder.after(revision));
  }

  /** Behind the first Complete, which is that of the base. */
  private static int firstEnd() {
    int end = 0;
    while (!(ITEMS.get(end) instanceof Complete)) {
      end++;
    }
    return end + 1;
  }

  /** Behind the last Complete before {@code index}: where a writer goes on. */
  private static int lastComplete(int index) {
    int end = index;
    while (!(ITEMS.get(end - 1) instanceof Complete)) {
      end--;
    }
    return end;
  }

  @Test
  void agentsThatOnlyCameAndWentAreCopiedWhenTheyWereMergedAway() throws Exception {
    int split = lastComplete(ITEMS.size() - 30);
    ObjectStore from = written(ITEMS.subList(0, split));
    ObjectStore to = new MemoryObjectStore();
    copy(from, to, 3);
    for (int i = 0; i < 3; i++) {
      Histories.writer(from).close();
    }
    Histories.write(from, ITEMS.subList(split, ITEMS.size()), 1);
    // One window over the claims and what was before them, and then another one.
    compact(from, new Levels(List.of(Duration.ofMillis(10)), 1L << 30));
    copy(from, to, 3);
    checkIs(to, ITEMS);
    compact(to, HIGHER);
    checkIs(to, ITEMS);
  }

  @Test
  void aCrashAnywhereLeavesALogAndTheNextRunGoesOn() throws Exception {
    int split = lastComplete(ITEMS.size() * 2 / 3);
    ObjectStore from = written(ITEMS.subList(0, split));
    ObjectStore early = new MemoryObjectStore();
    copy(from, early, 1);
    Histories.write(from, ITEMS.subList(split, ITEMS.size()), 1);
    compact(from, HIGHER);
    for (ObjectStore start : List.of(new MemoryObjectStore(), early)) {
      boolean died = true;
      for (int change = 1; died; change++) {
        ObjectStore to = Histories.copyOf(start);
        died = diesBefore(change, from, to);
        checkIsBeginning(to);
        copy(from, to, 1);
        checkIs(to, ITEMS);
      }
    }
  }

  private static boolean diesBefore(int change, ObjectStore from, ObjectStore to) throws Exception {
    try {
      copy(from, new FaultyStore(to).dieBefore(change), 1);
      return false;
    } catch (Died e) {
      return true;
    }
  }

  /**
   * Whatever is there can be read, verified, and compacted; and where it ends, an agent goes on.
   */
  private static void checkIsBeginning(ObjectStore store) throws Exception {
    if (!store.list(NAMES.entries(), "").hasNext()) {
      return;
    }
    assertThat(verify(store).problems()).isEmpty();
    ObjectStore used = Histories.copyOf(store);
    compact(used, HIGHER);
    assertThat(verify(used).problems()).isEmpty();
    try (RepositoryWriter writer = forced(used)) {
      List<StreamItem> rest = Histories.behind(writer.resumeFrom(), ITEMS);
      Histories.feed(writer, rest, 4);
    }
    checkIs(used, ITEMS);
  }

  private static RepositoryWriter forced(ObjectStore store) throws Exception {
    return Repository.open(store)
        .openWriter(Histories.CLUSTER, Histories.HOLDER, Takeover.FORCED, Histories.SMALL_PARTS);
  }

  @Test
  void anAnswerLostOnceIsNotEvenNoticed() throws Exception {
    ObjectStore from = written(ITEMS);
    compact(from, LEVELS);
    FaultyStore whole = new FaultyStore(new MemoryObjectStore());
    copy(from, whole, 1);
    for (int change = 2; change < whole.changes(); change += 3) {
      ObjectStore to = new MemoryObjectStore();
      copy(from, new FaultyStore(to).loseAnswers(change, 1), 1);
      checkIs(to, ITEMS);
    }
  }

  @Test
  void aLogThatIsCompactedUnderItIsFollowed() throws Exception {
    for (int change = 2; change < 60; change += 6) {
      ObjectStore from = written(ITEMS);
      ObjectStore to = new MemoryObjectStore();
      FaultyStore between = new FaultyStore(to);
      between.runBefore(change, Histories.repeatable(() -> compactPlainly(from)));
      copy(from, between, 2);
      checkIs(to, ITEMS);
    }
  }

  private static void compactPlainly(ObjectStore store) throws IOException, InterruptedException {
    Repository.open(store).compact(Histories.LINEAGE, LEVELS, Histories.SMALL_PARTS);
  }

  @Test
  void whatHasExpiredBehindItsEndIsToldOfAndTheRestIsCopied() throws Exception {
    ObjectStore from = new MemoryObjectStore();
    LongHistory history = new LongHistory(5);
    Histories.write(from, history.nextStretch(), 2);
    ObjectStore to = new MemoryObjectStore();
    copy(from, to, 2);
    long behind = Histories.lastSeq(to);
    for (int i = 0; i < 6; i++) {
      Histories.write(from, history.nextStretch(), 2);
    }
    RetentionPolicy hour = RetentionPolicy.parse("any point for 1 h");
    Repository opened = Repository.open(from);
    opened.expire(opened.planExpiry(Histories.LINEAGE, hour, history.now()));
    for (ObjectStore copy : List.of(to, new MemoryObjectStore())) {
      boolean died = true;
      for (int change = 1; died; change++) {
        ObjectStore crashed = Histories.copyOf(copy);
        died = diesBefore(change, from, crashed);
        copy(from, crashed, 1);
        assertThat(verify(crashed).problems()).isEmpty();
        assertThat(Histories.read(crashed)).isEqualTo(Histories.read(from));
      }
      copy(from, copy, 2);
      assertThat(Histories.lastSeq(copy)).isEqualTo(Histories.lastSeq(from)).isGreaterThan(behind);
    }
    assertThat(Repository.open(to).describe().lineages().get(0).ranges())
        .as("what the copy had stays")
        .hasSizeGreaterThan(Repository.open(from).describe().lineages().get(0).ranges().size() - 1);
  }

  @Test
  void aCopyThatIsCompactedByItselfGoesOn() throws Exception {
    ObjectStore from = new MemoryObjectStore();
    ObjectStore to = new MemoryObjectStore();
    List<Integer> ends = new ArrayList<>(List.of(0));
    for (int index = firstEnd(); index < ITEMS.size(); index += 17) {
      ends.add(lastComplete(index));
    }
    ends.add(ITEMS.size());
    for (int i = 1; i < ends.size(); i++) {
      Histories.write(from, ITEMS.subList(ends.get(i - 1), ends.get(i)), 1);
      if (i % 3 == 0) {
        compact(from, HIGHER);
      }
      copy(from, to, 2);
      compact(to, i % 2 == 0 ? LEVELS : HIGHER);
    }
    checkIs(to, ITEMS);
  }

  @Test
  void theLeasesAtTheEndAreKnown() throws Exception {
    RandomHistory history = new RandomHistory(17);
    List<StreamItem> items = history.stream(30, 900);
    ObjectStore from = new MemoryObjectStore();
    ObjectStore to = new MemoryObjectStore();
    try (RepositoryWriter writer = Histories.writer(from)) {
      int completes = 0;
      for (StreamItem item : items) {
        writer.accept(item);
        if (item instanceof Complete && ++completes % 3 == 0) {
          writer.commit();
          if (completes % 90 == 0) {
            compact(from, HIGHER);
            copy(from, to, 2);
          }
        }
      }
      writer.commit();
    }
    compact(from, HIGHER);
    copy(from, to, 2);
    Position position = Repository.open(to).lastPosition(Histories.LINEAGE).orElseThrow();
    assertThat(position.end().orElseThrow().leases()).isEqualTo(history.leases());
  }

  @Test
  void whereAnAgentWritesNothingIsCopied() throws Exception {
    int split = lastComplete(ITEMS.size() / 2);
    ObjectStore from = written(ITEMS.subList(0, split));
    ObjectStore to = new MemoryObjectStore();
    copy(from, to, 2);
    try (RepositoryWriter writer = forced(to)) {
      assertThatThrownBy(() -> copy(from, to, 2)).isInstanceOf(RepositoryHeldException.class);
      Histories.feed(writer, ITEMS.subList(split, ITEMS.size()), 5);
    }
    assertThatThrownBy(() -> copy(from, to, 2))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining("is no copy of");
    Histories.write(from, ITEMS.subList(split, ITEMS.size()), 1);
    assertThatThrownBy(() -> copy(from, to, 2)).hasMessageContaining("is no copy of");
    checkIs(to, ITEMS);
  }

  @Test
  void anAgentThatComesMeanwhileIsNotOverwritten() throws Exception {
    ObjectStore from = written(ITEMS);
    compact(from, LEVELS);
    FaultyStore whole = new FaultyStore(new MemoryObjectStore());
    copy(from, whole, 1);
    // The last change says that the copy is done.
    assertThat(whole.changes()).isGreaterThan(20);
    for (int change = 4; change < whole.changes(); change++) {
      ObjectStore to = new MemoryObjectStore();
      FaultyStore between = new FaultyStore(to);
      List<Position> taken = new ArrayList<>();
      between.runBefore(
          change,
          Histories.repeatable(
              () -> {
                try (RepositoryWriter writer =
                    Repository.open(to)
                        .openWriter(
                            Histories.CLUSTER,
                            Histories.HOLDER,
                            Takeover.FORCED,
                            Histories.SMALL_PARTS)) {
                  taken.add(writer.resumeFrom());
                  Histories.feed(writer, Histories.behind(writer.resumeFrom(), ITEMS), 4);
                }
              }));
      assertThatThrownBy(() -> copy(from, between, 1))
          .as("before change %d of %d", change, whole.changes())
          .isInstanceOf(LodestoneException.class);
      assertThat(taken).hasSize(1);
      checkIs(to, ITEMS);
    }
  }

  @Test
  void whatIsDamagedIsNotCopied() throws Exception {
    ObjectStore from = written(ITEMS);
    String part = from.list(NAMES.parts(), "").next().name();
    ByteString good;
    try (InputStream in = from.read(part, 0, Integer.MAX_VALUE)) {
      good = ByteString.readFrom(in);
    }
    byte[] bad = good.toByteArray();
    bad[bad.length / 2] ^= 1;
    from.overwrite(part, ByteString.copyFrom(bad));
    ObjectStore to = new MemoryObjectStore();
    assertThatThrownBy(() -> copy(from, to, 2)).hasMessageContaining(part);
    assertThat(to.size(part)).isEmpty();
    from.overwrite(part, good);
    copy(from, to, 2);
    checkIs(to, ITEMS);
  }

  @Test
  void marksAreCopied() throws Exception {
    ObjectStore from = written(ITEMS);
    Repository.open(from).mark(Histories.LINEAGE, 40, Histories.SMALL_PARTS.clock());
    ObjectStore to = new MemoryObjectStore();
    copy(from, to, 2);
    assertThat(Repository.open(to).marks(Histories.LINEAGE))
        .isEqualTo(Repository.open(from).marks(Histories.LINEAGE));
  }

  @Test
  void encryptedContentsAreCopiedWithoutKeysUnlessTheyWereMergedMeanwhile() throws Exception {
    Keyset keys = Keyset.generate();
    int split = lastComplete(ITEMS.size() / 2);
    ObjectStore from = new MemoryObjectStore();
    write(from, keys, ITEMS.subList(0, split));
    ObjectStore to = new MemoryObjectStore();
    copy(from, to, 2);
    write(from, keys, ITEMS.subList(split, ITEMS.size()));
    Repository.open(from, keys).compact(Histories.LINEAGE, HIGHER, Histories.SMALL_PARTS);
    assertThatThrownBy(() -> copy(from, to, 2)).hasMessageContaining("encrypted");
    try (Repository source = Repository.open(from, keys);
        Repository target = Repository.openOrCreate(to, keys)) {
      source.copyTo(target, Histories.LINEAGE, settings(2));
      assertThat(target.verify(Progress.NONE).problems()).isEmpty();
      assertThat(
              Histories.read(
                  target.source(Histories.LINEAGE).openAtBase(Reason.INITIAL),
                  StreamOrder.atBase()))
          .isEqualTo(ITEMS);
    }
  }

  private static void write(ObjectStore store, ContentCipher cipher, List<StreamItem> items)
      throws Exception {
    try (RepositoryWriter writer =
        Repository.openOrCreate(store, cipher)
            .openWriter(
                Histories.CLUSTER, Histories.HOLDER, Takeover.WHEN_SILENT, Histories.SMALL_PARTS)) {
      Histories.feed(writer, items, 1);
    }
  }

  @Test
  void fromABucketIntoADirectoryAndBack(Running running) throws Exception {
    try (ObjectStore bucket = running.freshS3();
        ObjectStore back = running.freshS3()) {
      Histories.write(bucket, ITEMS, 2);
      ObjectStore files = new FileObjectStore(directory);
      copy(bucket, files, 8);
      checkIs(files, ITEMS);
      copy(files, back, 8);
      checkIs(back, ITEMS);
    }
  }

  @Test
  void aRepositoryIsNotCopiedIntoItself() throws Exception {
    ObjectStore store = new FileObjectStore(directory);
    Histories.write(store, ITEMS, 9);
    assertThatThrownBy(() -> copy(store, new FileObjectStore(directory), 1))
        .hasMessageContaining("into itself");
  }

  private static ObjectStore written(List<StreamItem> items) throws Exception {
    ObjectStore store = new MemoryObjectStore();
    Histories.write(store, items, 1);
    return store;
  }

  private static CopySettings settings(int parallel) {
    Holder holder = new Holder("copy", "host-2", 7);
    return new CopySettings(holder, parallel, Histories.SMALL_PARTS, bytes -> {});
  }

  private static CopyReport copy(ObjectStore from, ObjectStore to, int parallel)
      throws IOException, InterruptedException {
    return Repository.open(from)
        .copyTo(Repository.openOrCreate(to), Histories.LINEAGE, settings(parallel));
  }

  private static void compact(ObjectStore store, Levels levels) throws Exception {
    CompactionReport unused =
        Repository.open(store).compact(Histories.LINEAGE, levels, Histories.SMALL_PARTS);
  }

  private static void checkIs(ObjectStore store, List<StreamItem> items) throws Exception {
    assertThat(Histories.read(store)).isEqualTo(items);
    assertThat(verify(store).problems()).isEmpty();
  }

  private static VerifyReport verify(ObjectStore store) throws Exception {
    return Repository.open(store).verify(Progress.NONE);
  }
}
