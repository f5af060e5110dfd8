package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.repository.FaultyStore.Died;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.UnreachableStoreException;
import io.lodestone.revisions.StreamItem;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An agent that dies or loses an answer at any step; the next one carries on as if it had not. */
final class CrashTest {
  private static final List<StreamItem> ITEMS = Histories.some(21);
  private static final LineageNames NAMES = new LineageNames(Histories.LINEAGE.toString());
  private static final int REVISIONS_PER_COMMIT = 6;

  @Test
  void aCrashBetweenAnyTwoChangesLosesNothingAndRepeatsNothing() throws Exception {
    boolean died = true;
    for (int change = 1; died; change++) {
      ObjectStore store = new MemoryObjectStore();
      died = diesBefore(change, store);
      continueOn(store);

      assertThat(Histories.read(store)).as("after change %d", change).isEqualTo(ITEMS);
      VerifyReport report = Repository.open(store).verify(Progress.NONE);
      assertThat(report.problems()).isEmpty();
    }
  }

  private static boolean diesBefore(int change, ObjectStore store) throws Exception {
    try {
      Histories.write(new FaultyStore(store).dieBefore(change), ITEMS, REVISIONS_PER_COMMIT);
      return false;
    } catch (Died e) {
      return true;
    }
  }

  /** The same agent, started again. */
  private static void continueOn(ObjectStore store) throws Exception {
    try (RepositoryWriter writer = Histories.writer(store)) {
      List<StreamItem> rest = Histories.behind(writer.resumeFrom(), ITEMS);
      Histories.feed(writer, rest, REVISIONS_PER_COMMIT);
    }
  }

  @Test
  void anAnswerLostOnceIsNotEvenNoticed() throws Exception {
    int changes = changesOfAWholeRun();
    for (int change = 1; change <= changes; change++) {
      ObjectStore store = new MemoryObjectStore();
      Histories.write(new FaultyStore(store).loseAnswers(change, 1), ITEMS, REVISIONS_PER_COMMIT);
      assertThat(Histories.read(store)).as("change %d", change).isEqualTo(ITEMS);
    }
  }

  private int changesOfAWholeRun() throws Exception {
    FaultyStore store = new FaultyStore(new MemoryObjectStore());
    Histories.write(store, ITEMS, REVISIONS_PER_COMMIT);
    return store.changes();
  }

  @Test
  void aCommitWhoseOutcomeStaysUnknownIsSettledByTheNext() throws Exception {
    ObjectStore plain = new MemoryObjectStore();
    FaultyStore store = new FaultyStore(plain);
    try (RepositoryWriter writer = Histories.writer(store)) {
      for (StreamItem item : ITEMS) {
        writer.accept(item);
      }
      store.loseAnswersOf(name -> name.startsWith(NAMES.entries()), 2);
      boolean unknown = false;
      try {
        writer.commit();
      } catch (UnreachableStoreException e) {
        unknown = true;
      }
      assertThat(unknown).isTrue();
      assertThat(store.lossesLeft()).isZero();
      assertThat(writer.commit()).isEqualTo(60);
    }
    assertThat(Histories.read(plain)).isEqualTo(ITEMS);
  }
}
