package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.repository.FaultyStore.Died;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.objects.FileObjectStore;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.SharedS3Server;
import io.lodestone.repository.objects.SharedS3Server.Running;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log whose entries are merged holds exactly what it held, for everybody and at every moment. */
@ExtendWith(SharedS3Server.class)
final class LogCompactionTest {
  private static final List<StreamItem> ITEMS = Histories.some(31);
  private static final LineageNames NAMES = new LineageNames(Histories.LINEAGE.toString());

  /** Revisions of the made-up histories are 10 ms apart. */
  private static final Levels LEVELS =
      new Levels(List.of(Duration.ofMillis(20), Duration.ofMillis(40)), 1L << 30);

  /** Between how many of the changes somebody else comes in; many try them all. */
  private static final int POINTS = Integer.getInteger("lodestone.interleaving.points", 8);

  /** For each of these, between so many more of what is read or listed. */
  private static final int LOOKS_A_POINT = 25;

  /** Before each of how many changes one crash comes; 1 tries them all. */
  private static final int CRASH_STEP = Integer.getInteger("lodestone.crash.step", 3);

  private static final Levels HIGHER =
      new Levels(
          List.of(Duration.ofMillis(20), Duration.ofMillis(40), Duration.ofMillis(80)), 1L << 30);

  @TempDir Path directory;

  @Test
  void whatIsReadStaysTheSameItemForItem() throws Exception {
    ObjectStore store = written();
    long before = count(store, NAMES.entries());
    CompactionReport report = compact(store, LEVELS);
    assertThat(report.written()).isGreaterThan(5);
    assertThat(count(store, NAMES.entries())).isEqualTo(before - report.merged());
    checkSame(store);
    for (int revision = 30; revision < 60; revision++) {
      assertThat(
              Histories.read(
                  Histories.source(store).at(revision).openAtBase(Reason.INITIAL),
                  StreamOrder.atBase()))
          .isEqualTo(
              Histories.read(
                  Histories.source(written()).at(revision).openAtBase(Reason.INITIAL),
                  StreamOrder.atBase()));
      assertThat(
              Histories.read(
                  Histories.source(store).openAfter(revision), StreamOrder.after(revision)))
          .isEqualTo(
              Histories.read(
                  Histories.source(written()).openAfter(revision), StreamOrder.after(revision)));
    }
  }

  @Test
  void aLevelIsMergedIntoTheNext() throws Exception {
    ObjectStore store = written();
    compact(store, LEVELS);
    long spans = count(store, NAMES.spans());
    compact(store, HIGHER);
    assertThat(count(store, NAMES.spans())).isLessThan(spans);
    checkSame(store);
    assertThat(compact(store, HIGHER)).isEqualTo(new CompactionReport(0, 0, 0));
  }

  @Test
  void aCrashAnywhereLosesNothingAndTheNextRunFinishes() throws Exception {
    boolean died = true;
    for (int change = 1; died; change += CRASH_STEP) {
      ObjectStore store = written();
      compact(store, new Levels(List.of(Duration.ofMillis(20)), 1L << 30));
      died = diesBefore(change, store);
      checkSame(store);
      compact(store, HIGHER);
      checkSame(store);
      compactLater(store);
      checkSame(store);
      ObjectStore straight = written();
      compact(straight, HIGHER);
      assertThat(count(store, NAMES.entries())).isEqualTo(count(straight, NAMES.entries()));
      assertThat(verify(store).orphans()).isZero();
    }
  }

  /** When nobody thinks any more that a run that died is under way. */
  private static void compactLater(ObjectStore store) throws Exception {
    WriterSettings now = Histories.SMALL_PARTS;
    Clock later = Clock.offset(now.clock(), CompactionNotice.LONGEST.plusMinutes(1));
    WriterSettings settings =
        new WriterSettings(
            now.partBytes(),
            now.frameBytes(),
            now.compressionLevel(),
            now.uploads(),
            now.heartbeatEvery(),
            later);
    Repository.open(store).compact(Histories.LINEAGE, HIGHER, settings);
    assertThat(count(store, NAMES.compactions())).isZero();
  }

  private static boolean diesBefore(int change, ObjectStore store) throws Exception {
    try {
      compact(new FaultyStore(store).dieBefore(change), HIGHER);
      return false;
    } catch (Died e) {
      return true;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void twoAtOnceLoseNothingWhereverOneComesBetweenTheOther(boolean higherComes) throws Exception {
    ObjectStore start = written();
    compact(start, new Levels(List.of(Duration.ofMillis(20)), 1L << 30));
    int changes = counted(start, higherComes ? LEVELS : HIGHER).changes();
    assertThat(changes).isGreaterThan(15);
    for (int change = 1; change <= changes; change += 1 + changes / POINTS) {
      int point = change;
      interleave(start, higherComes, (store, other) -> store.runBefore(point, other));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void twoAtOnceLoseNothingWhateverOneHasReadBeforeTheOtherComes(boolean higherComes)
      throws Exception {
    ObjectStore start = written();
    int looks = counted(start, higherComes ? LEVELS : HIGHER).looks();
    for (int look = 1; look <= looks; look += 1 + looks / (LOOKS_A_POINT * POINTS)) {
      int point = look;
      interleave(start, higherComes, (store, other) -> store.runBeforeLook(point, other));
    }
  }

  private static FaultyStore counted(ObjectStore start, Levels levels) throws Exception {
    FaultyStore alone = new FaultyStore(Histories.copyOf(start));
    compactPlainly(alone, levels);
    return alone;
  }

  /** Runs one compaction, and in the middle of it, as it is told, the other. */
  private static void interleave(
      ObjectStore start, boolean higherComes, BiConsumer<FaultyStore, Runnable> when)
      throws Exception {
    ObjectStore store = Histories.copyOf(start);
    FaultyStore between = new FaultyStore(store);
    Levels comes = higherComes ? HIGHER : LEVELS;
    Levels goesOn = higherComes ? LEVELS : HIGHER;
    when.accept(between, Histories.repeatable(() -> compactPlainly(store, comes)));
    Histories.repeatable(() -> compactPlainly(between, goesOn)).run();
    checkFinished(store);
  }

  @Test
  void twoThreadsAtOnceLoseNothing() throws Exception {
    ObjectStore start = written();
    for (int round = 0; round < 6; round++) {
      ObjectStore store = Histories.copyOf(start);
      Histories.together(() -> compactPlainly(store, LEVELS), () -> compactPlainly(store, HIGHER));
      checkFinished(store);
    }
  }

  /** Nothing is lost, and the next run leaves nothing over. */
  private static void checkFinished(ObjectStore store) throws Exception {
    checkSame(store);
    compact(store, HIGHER);
    checkSame(store);
    assertThat(verify(store).orphans()).isZero();
  }

  private static void compactPlainly(ObjectStore store, Levels levels)
      throws IOException, InterruptedException {
    Repository.open(store).compact(Histories.LINEAGE, levels, Histories.SMALL_PARTS);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void aReaderUnderWayGoesOnWhereItWas(int objectsAhead) throws Exception {
    for (int items = 1; items < ITEMS.size(); items += 7) {
      ObjectStore store = written();
      List<StreamItem> read = new ArrayList<>();
      try (RevisionStream stream =
          Histories.source(store).readingAhead(objectsAhead).openAtBase(Reason.INITIAL)) {
        for (int i = 0; i < items; i++) {
          read.add(stream.next());
        }
        compact(store, LEVELS);
        compact(store, HIGHER);
        for (StreamItem item = stream.next(); !(item instanceof End); item = stream.next()) {
          read.add(item);
        }
      }
      assertThat(read).as("compacted after %d items", items).isEqualTo(ITEMS);
    }
  }

  @Test
  void aPointIsTheSameHoweverFarIsReadAhead() throws Exception {
    ObjectStore store = written();
    for (int revision = 30; revision <= 60; revision += 6) {
      RepositorySource point = Histories.source(store).at(revision);
      assertThat(
              Histories.read(
                  point.readingAhead(4).openAtBase(Reason.INITIAL), StreamOrder.atBase()))
          .isEqualTo(Histories.read(point.openAtBase(Reason.INITIAL), StreamOrder.atBase()));
    }
  }

  @Test
  void theLeasesAtTheEndAreKnown() throws Exception {
    RandomHistory history = new RandomHistory(17);
    List<StreamItem> items = history.stream(30, 900);
    ObjectStore store = new MemoryObjectStore();
    Histories.write(store, items, 1);
    compact(store, LEVELS);
    Position position = Repository.open(store).lastPosition(Histories.LINEAGE).orElseThrow();
    assertThat(position.end().orElseThrow().leases()).isEqualTo(history.leases());
  }

  @Test
  void anAgentGoesOnBehindACompactedLog() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    int middle = ITEMS.indexOf(lastComplete(45)) + 1;
    Histories.write(store, ITEMS.subList(0, middle), 1);
    compact(store, LEVELS);
    Histories.write(store, ITEMS.subList(middle, ITEMS.size()), 1);
    compact(store, LEVELS);
    checkSame(store);
  }

  private static StreamItem lastComplete(long revision) {
    return ITEMS.stream()
        .filter(item -> item instanceof Complete mark && mark.revision() == revision)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSpanThatIsDamagedOrMissingIsNamed() throws Exception {
    ObjectStore store = written();
    compact(store, LEVELS);
    String name = store.list(NAMES.spans(), "").next().name();
    store.overwrite(name, ByteString.copyFromUtf8("LODELOG"));
    assertThat(problems(store)).contains(name);
    assertThatThrownBy(() -> Histories.read(store)).hasMessageContaining(name);

    store.delete(name);
    String first = NAMES.entry(NAMES.spanOf(name).orElseThrow().firstSeq());
    assertThat(problems(store)).contains(first);
    assertThatThrownBy(() -> Histories.read(store)).hasMessageContaining(first);
  }

  private static List<String> problems(ObjectStore store) throws Exception {
    return verify(store).problems().stream().map(VerifyReport.Problem::object).toList();
  }

  @Test
  void filesAreCompactedAlike() throws Exception {
    compactedAndExpired(new FileObjectStore(directory));
  }

  @Test
  void bucketsAreCompactedAlike(Running running) throws Exception {
    try (ObjectStore store = running.freshS3()) {
      compactedAndExpired(store);
    }
  }

  private static void compactedAndExpired(ObjectStore store) throws Exception {
    Histories.write(store, ITEMS, 1);
    compact(store, LEVELS);
    checkSame(store);
    Repository repository = Repository.open(store);
    RetentionPolicy hour = RetentionPolicy.parse("any point for 1 h");
    repository.expire(repository.planExpiry(Histories.LINEAGE, hour, Instant.MAX));
    checkSame(store);
  }

  private static ObjectStore written() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    Histories.write(store, ITEMS, 1);
    return store;
  }

  private static CompactionReport compact(ObjectStore store, Levels levels) throws Exception {
    return Repository.open(store).compact(Histories.LINEAGE, levels, Histories.SMALL_PARTS);
  }

  private static void checkSame(ObjectStore store) throws Exception {
    assertThat(Histories.read(store)).isEqualTo(ITEMS);
    assertThat(verify(store).problems()).isEmpty();
  }

  private static VerifyReport verify(ObjectStore store) throws Exception {
    return Repository.open(store).verify(Progress.NONE);
  }

  private static long count(ObjectStore store, String prefix) throws Exception {
    long count = 0;
    Iterator<StoredObject> listed = store.list(prefix, "");
    while (listed.hasNext()) {
      listed.next();
      count++;
    }
    return count;
  }
}
