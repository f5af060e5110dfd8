package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.FaultyStore.Died;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Weeks of a repository and its copy in a bad neighbourhood: agents that die and come back, bases
 * made of the log, compaction, expiry and copying that break off anywhere, answers that get lost.
 * Whatever happens, what is promised can be restored, from both.
 */
final class LifeTest {
  private static final int LIVES = Integer.getInteger("lodestone.lives", 3);
  private static final int STRETCHES = Integer.getInteger("lodestone.life.stretches", 6);
  private static final int MOST_ATTEMPTS = 300;
  private static final RetentionPolicy POLICY =
      RetentionPolicy.parse("any point for 48 h, daily for 7 d");
  private static final RetentionPolicy LONGER =
      RetentionPolicy.parse("any point for 96 h, daily for 30 d");
  private static final Levels LEVELS =
      new Levels(List.of(Duration.ofHours(1), Duration.ofHours(6)), 1L << 30);
  private static final Holder COPIER = new Holder("copy", "host-2", 7);

  @TempDir Path directory;

  /** The same history in calm, of which nothing expires. */
  private ObjectStore whole = new MemoryObjectStore();

  private ObjectStore store = new MemoryObjectStore();
  private ObjectStore copy = new MemoryObjectStore();
  private Random random = new Random();
  private int finished;
  private int brokenOff;

  @Test
  void whateverHappensWhatIsPromisedCanBeRestored() throws Exception {
    for (int seed = 1; seed <= LIVES; seed++) {
      live(seed);
    }
    assertThat(finished).isGreaterThan(LIVES * STRETCHES);
    assertThat(brokenOff).isGreaterThan(LIVES * STRETCHES);
  }

  private void live(int seed) throws Exception {
    whole = new MemoryObjectStore();
    store = new MemoryObjectStore();
    copy = new MemoryObjectStore();
    random = new Random(seed);
    LongHistory life = new LongHistory(seed);
    for (int i = 0; i < STRETCHES; i++) {
      List<StreamItem> items = life.nextStretch();
      Histories.write(whole, items, 2);
      capture(items);
      for (int chore = 0; chore < 6; chore++) {
        chore(life);
        ExpiryTest.checkPromises(store, whole, POLICY, life.now());
      }
    }
    checkInTheEnd(seed, life);
  }

  /** One agent after another, until everything is durable. */
  private void capture(List<StreamItem> items) throws Exception {
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      if (isDone(
          () -> {
            try (RepositoryWriter writer = writer()) {
              Histories.feed(writer, Histories.behind(writer.resumeFrom(), items), 2);
            }
          })) {
        return;
      }
    }
    throw new AssertionError("no agent of " + MOST_ATTEMPTS + " came to the end");
  }

  private RepositoryWriter writer() throws IOException {
    return Repository.openOrCreate(stormy(store))
        .openWriter(Histories.CLUSTER, Histories.HOLDER, Takeover.FORCED, Histories.SMALL_PARTS);
  }

  private ObjectStore stormy(ObjectStore calm) {
    return new StormyStore(calm, new Random(random.nextLong()));
  }

  /** False where it died, or failed in a way that the next attempt is to make good. */
  private boolean isDone(Histories.Work work) throws InterruptedException {
    try {
      work.run();
      finished++;
      return true;
    } catch (Died e) {
      brokenOff++;
    } catch (LodestoneException e) {
      assertThat(e.hint()).isNotEmpty();
      brokenOff++;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return false;
  }

  private void chore(LongHistory life) throws Exception {
    switch (random.nextInt(5)) {
      case 0 -> isDoneOrNot(() -> compact(stormy(store)));
      case 1 -> isDoneOrNot(() -> expire(stormy(store), POLICY, life));
      case 2 -> isDoneOrNot(this::synthesize);
      case 3 -> isDoneOrNot(() -> copy(stormy(store), stormy(copy)));
      default -> tendTheCopy(life);
    }
  }

  private void isDoneOrNot(Histories.Work work) throws InterruptedException {
    boolean unused = isDone(work);
  }

  private void tendTheCopy(LongHistory life) throws Exception {
    if (copy.list("lineages/", "").hasNext()) {
      isDoneOrNot(() -> compact(stormy(copy)));
      isDoneOrNot(() -> expire(stormy(copy), LONGER, life));
    }
  }

  private static void compact(ObjectStore where) throws IOException, InterruptedException {
    CompactionReport unused =
        Repository.open(where).compact(Histories.LINEAGE, LEVELS, Histories.SMALL_PARTS);
  }

  private static void expire(ObjectStore where, RetentionPolicy policy, LongHistory life)
      throws IOException {
    Repository repository = Repository.open(where);
    ExpiryReport unused =
        repository.expire(repository.planExpiry(Histories.LINEAGE, policy, life.now()));
  }

  private void synthesize() throws IOException, InterruptedException {
    boolean unused =
        Repository.open(stormy(store))
            .synthesizeBase(Histories.LINEAGE, Histories.HOLDER, Histories.SMALL_PARTS, directory);
  }

  private static void copy(ObjectStore from, ObjectStore to)
      throws IOException, InterruptedException {
    CopySettings settings = new CopySettings(COPIER, 2, Histories.SMALL_PARTS, bytes -> {});
    CopyReport unused =
        Repository.open(from).copyTo(Repository.openOrCreate(to), Histories.LINEAGE, settings);
  }

  /** A calm day: everything is finished, and nothing is left over. */
  private void checkInTheEnd(int seed, LongHistory life) throws Exception {
    compact(store);
    expire(store, POLICY, life);
    copy(store, copy);
    compact(copy);
    expire(copy, LONGER, life);
    ExpiryTest.checkPromises(store, whole, POLICY, life.now());
    for (ObjectStore each : List.of(store, copy)) {
      VerifyReport report = Repository.open(each).verify(Progress.NONE);
      assertThat(report.problems()).as("seed %d", seed).isEmpty();
      assertThat(ExpiryTest.state(each, life.now()))
          .as("seed %d", seed)
          .isEqualTo(ExpiryTest.state(whole, life.now()));
    }
    assertThat(ExpiryTest.plan(store, POLICY, life.now()).stale()).as("seed %d", seed).isEmpty();
  }
}
