package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.ForwardingStore;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.RefusedStoreException;
import io.lodestone.repository.objects.UnreachableStoreException;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the source said of itself is found again in what is stored, or its absence is loud. */
final class SourceHashTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @TempDir Path folder;

  /** What the source of that history would have said at {@code revision}. */
  private static SourceHash hashOf(int seed, long revision) throws Exception {
    RandomHistory history = new RandomHistory(seed);
    List<StreamItem> unused = history.stream(30, revision);
    HashKv hash = HashKv.of(history.rows(), history.compacted(), revision);
    return new SourceHash(
        revision,
        history.compacted(),
        Integer.toUnsignedLong(hash.hash()),
        "http://127.0.0.1:2379",
        NOON);
  }

  private static Repository written(ObjectStore store, int seed, long... hashed) throws Exception {
    List<StreamItem> items = new RandomHistory(seed).stream(30, 90);
    int end = items.size();
    while (!(items.get(end - 1) instanceof Complete)) {
      end--;
    }
    Histories.write(store, items.subList(0, end), 4);
    Repository repository = Repository.open(store);
    for (long revision : hashed) {
      repository.keepSourceHash(Histories.LINEAGE, hashOf(seed, revision));
    }
    return repository;
  }

  @Test
  void itIsFoundAgainHoweverMuchWasCompactedSince() throws Exception {
    for (int seed = 0; seed < 8; seed++) {
      for (long revision : new long[] {30, 47, 90}) {
        try (Repository repository = written(new MemoryObjectStore(), seed, revision)) {
          VerifyReport report = repository.verify(Progress.NONE);
          assertThat(report.problems()).as("seed %d, revision %d", seed, revision).isEmpty();
          assertThat(report.sourceHashes()).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void anotherHashIsDamageAndBothAreNamed() throws Exception {
    try (Repository repository = written(new MemoryObjectStore(), 3, 40)) {
      SourceHash wrong = new SourceHash(60, hashOf(3, 60).compactRevision(), 12345, "m1", NOON);
      repository.keepSourceHash(Histories.LINEAGE, wrong);
      VerifyReport report = repository.verify(Progress.NONE);
      assertThat(report.sourceHashes()).isZero();
      assertThat(report.problems())
          .singleElement()
          .satisfies(
              problem -> {
                assertThat(problem.object()).endsWith("/hashes/" + String.format("%020d", 60));
                assertThat(problem.message())
                    .contains("revision 60", "12345", "has " + hashOf(3, 60).hashKv());
              });
    }
  }

  @Test
  void whicheverReadTheStoreFailsThatIsNoDamage() throws Exception {
    MemoryObjectStore store = new MemoryObjectStore();
    try (Repository repository = written(store, 3, 40)) {
      assertThat(repository.verify(Progress.NONE).problems()).isEmpty();
    }
    for (LodestoneException failure :
        List.of(
            new UnreachableStoreException("it does not answer", "wait", null),
            new RefusedStoreException("these keys have expired", "get new ones", null))) {
      int read = 0;
      while (failsWith(failure, store, read)) {
        read++;
      }
      assertThat(read).as("more than the log is read once").isGreaterThan(10);
    }
  }

  /**
   * Whether verifying fails with it, as the {@code last}-th read does; false if it came through.
   */
  private static boolean failsWith(LodestoneException failure, ObjectStore store, int last)
      throws Exception {
    AtomicInteger reads = new AtomicInteger();
    ObjectStore failing =
        new ForwardingStore(store) {
          @Override
          public InputStream read(String name, long offset, long length) throws IOException {
            if (reads.getAndIncrement() == last) {
              throw failure;
            }
            return super.read(name, offset, length);
          }
        };
    try {
      assertThat(Repository.open(failing).verify(Progress.NONE).problems())
          .as("read %d", last)
          .isEmpty();
      return false;
    } catch (LodestoneException e) {
      assertThat(e).as("read %d", last).isSameAs(failure);
      return true;
    }
  }

  @Test
  void whatIsOnlyInABaseThatIsCompactedFurtherIsNotCompared() throws Exception {
    int seed = seedThatCompactsBetween(60, 90);
    ObjectStore store = new MemoryObjectStore();
    try (Repository repository = written(store, seed, 60)) {
      assertThat(repository.newestSourceHash(Histories.LINEAGE)).contains(hashOf(seed, 60));
      Holder maker = new Holder("maker", "host-1", 2);
      assertThat(
              repository.synthesizeBase(
                  Histories.LINEAGE, maker, Histories.SMALL_PARTS, folder.resolve("spool")))
          .isTrue();
      assertThat(repository.sourceHash(Histories.LINEAGE, 60)).isPresent();
      RetentionPolicy nothing = new RetentionPolicy(Duration.ZERO, List.of());
      repository.expire(repository.planExpiry(Histories.LINEAGE, nothing, Instant.MAX));

      assertThat(repository.source(Histories.LINEAGE).at(60).plan().revision()).isEqualTo(60);
      assertThat(repository.sourceHash(Histories.LINEAGE, 60)).isEmpty();
      assertThat(repository.newestSourceHash(Histories.LINEAGE)).isEmpty();
      assertThat(repository.verify(Progress.NONE).problems()).isEmpty();
    }
  }

  /** One whose compact revision rises while it goes from {@code from} on, but not above it. */
  private static int seedThatCompactsBetween(long from, long to) {
    return IntStream.range(0, 10_000)
        .filter(
            seed -> {
              long then = compactedAt(seed, from);
              long later = compactedAt(seed, to);
              return later > then && later < from;
            })
        .findFirst()
        .orElseThrow();
  }

  private static long compactedAt(int seed, long revision) {
    RandomHistory history = new RandomHistory(seed);
    List<StreamItem> unused = history.stream(30, revision);
    return history.compacted();
  }

  @Test
  void aCopyHasItTooAndItGoesWithWhatExpires() throws Exception {
    try (Repository repository = written(new MemoryObjectStore(), 5, 41, 90);
        Repository copy = Repository.openOrCreate(new MemoryObjectStore())) {
      repository.copyTo(
          copy,
          Histories.LINEAGE,
          new CopySettings(Histories.HOLDER, 2, Histories.SMALL_PARTS, bytes -> {}));
      assertThat(copy.sourceHash(Histories.LINEAGE, 41)).contains(hashOf(5, 41));
      assertThat(copy.newestSourceHash(Histories.LINEAGE)).contains(hashOf(5, 90));

      Holder maker = new Holder("maker", "host-1", 2);
      assertThat(
              repository.synthesizeBase(
                  Histories.LINEAGE, maker, Histories.SMALL_PARTS, folder.resolve("spool")))
          .isTrue();
      RetentionPolicy nothing = new RetentionPolicy(Duration.ZERO, List.of());
      repository.expire(repository.planExpiry(Histories.LINEAGE, nothing, Instant.MAX));
      assertThat(repository.verify(Progress.NONE).sourceHashes()).isEqualTo(1);
      assertThat(repository.describe().lineages().get(0).ranges().get(0).firstRevision())
          .isGreaterThan(41);
      assertThat(repository.sourceHash(Histories.LINEAGE, 41)).isEmpty();
    }
  }
}
