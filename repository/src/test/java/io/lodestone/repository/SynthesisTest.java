package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LeaseId;
import io.lodestone.repository.FaultyStore.Died;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.FileObjectStore;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.SharedS3Server;
import io.lodestone.repository.objects.SharedS3Server.Running;
import io.lodestone.revisions.RandomHistory;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RowScan;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamItem.RoleState;
import io.lodestone.revisions.StreamItem.UserState;
import io.lodestone.revisions.StreamOrder;
import io.lodestone.revisions.digest.HashKv;
import io.lodestone.revisions.digest.KeyspaceDigest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A base that nobody took is what the source would have given. */
@ExtendWith(SharedS3Server.class)
final class SynthesisTest {
  private static final Holder MAKER = new Holder("synthesis", "host-1", 2);
  private static final LineageNames NAMES = new LineageNames(Histories.LINEAGE.toString());

  @TempDir Path folder;

  @Test
  void itIsTheStateOfTheSourceWhateverTheHistory() throws Exception {
    for (int seed = 0; seed < 6; seed++) {
      checkSynthesis(new MemoryObjectStore(), 500 + seed);
    }
  }

  @Test
  void filesAndBucketsAlike(Running running) throws Exception {
    checkSynthesis(new FileObjectStore(folder.resolve("files")), 3);
    try (ObjectStore bucket = running.freshS3()) {
      checkSynthesis(bucket, 3);
    }
  }

  private void checkSynthesis(ObjectStore store, int seed) throws Exception {
    RandomHistory history = new RandomHistory(seed);
    List<StreamItem> items = history.stream(30, 150);
    Histories.write(store, items, 5);
    List<StreamItem> straight = Histories.read(store);
    assertThat(synthesize(store)).isTrue();
    assertThat(synthesize(store)).isFalse();

    List<StreamItem> made = Histories.read(store);
    long compacted = history.compacted();
    assertThat(made.get(1)).isEqualTo(new Compaction(compacted, compacted));
    assertThat(made.get(made.size() - 1)).isInstanceOf(Complete.class);
    assertThat(rest(made, AuthState.class)).isEqualTo(rest(straight, AuthState.class));
    assertThat(rest(made, UserState.class)).isEqualTo(rest(straight, UserState.class));
    assertThat(rest(made, RoleState.class)).isEqualTo(rest(straight, RoleState.class));
    assertThat(leases(made)).isEqualTo(history.leases());
    assertThat(KeyspaceDigest.of(scan(made), compacted, 150))
        .isEqualTo(KeyspaceDigest.of(history.rows(), compacted, 150));
    assertThat(HashKv.of(scan(made), compacted, 150))
        .isEqualTo(HashKv.of(history.rows(), compacted, 150));
    assertThat(Repository.open(store).verify(Progress.NONE).problems()).isEmpty();
    for (long revision : new long[] {31, 90, 149}) {
      assertThat(
              Histories.read(
                  Histories.source(store).openAfter(revision), StreamOrder.after(revision)))
          .endsWith(straight.get(straight.size() - 1));
    }
  }

  @Test
  void whatWasRestorableBeforeStillIsAndTheOldBaseMayExpire() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    List<StreamItem> items = Histories.some(41);
    Histories.write(store, items, 3);
    List<StreamItem> at45 = readAt(store, 45);
    synthesize(store);
    assertThat(readAt(store, 45)).isEqualTo(at45);
    Repository repository = Repository.open(store);
    RetentionPolicy nothing = new RetentionPolicy(Duration.ZERO, List.of());
    repository.expire(repository.planExpiry(Histories.LINEAGE, nothing, Instant.MAX));
    assertThat(repository.verify(Progress.NONE).problems()).isEmpty();
    assertThat(store.size(NAMES.entry(2))).isEmpty();
    assertThat(Histories.read(store)).last().isEqualTo(items.get(items.size() - 1));
  }

  @Test
  void theAgentGoesOnBehindIt() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    List<StreamItem> items = Histories.some(43);
    int middle = items.size() / 2;
    while (!(items.get(middle - 1) instanceof Complete)) {
      middle++;
    }
    Histories.write(store, items.subList(0, middle), 3);
    synthesize(store);
    Histories.write(store, items.subList(middle, items.size()), 3);
    assertThat(Repository.open(store).verify(Progress.NONE).problems()).isEmpty();
    assertThat(Histories.read(store)).endsWith(items.get(items.size() - 1));
    assertThat(Histories.read(Histories.source(store).openAfter(31), StreamOrder.after(31)))
        .isEqualTo(Histories.read(written(items).openAfter(31), StreamOrder.after(31)));
  }

  private static RepositorySource written(List<StreamItem> items) throws Exception {
    ObjectStore store = new MemoryObjectStore();
    Histories.write(store, items, 3);
    return Histories.source(store);
  }

  @Test
  void aCrashAnywhereLosesNothing() throws Exception {
    List<StreamItem> items = Histories.some(44);
    boolean died = true;
    for (int change = 1; died; change += 3) {
      ObjectStore store = new MemoryObjectStore();
      Histories.write(store, items, 6);
      died = diesBefore(change, store);
      assertThat(readAt(store, 50))
          .isEqualTo(
              Histories.read(
                  written(items).at(50).openAtBase(Reason.INITIAL), StreamOrder.atBase()));
      synthesize(store);
      assertThat(Repository.open(store).verify(Progress.NONE).problems()).isEmpty();
      assertThat(Repository.open(store).describe().lineages().get(0).bases()).hasSize(2);
    }
  }

  private boolean diesBefore(int change, ObjectStore store) throws Exception {
    try {
      synthesize(new FaultyStore(store).dieBefore(change));
      return false;
    } catch (Died e) {
      return true;
    }
  }

  @Test
  void whileAnAgentWritesItIsTold() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    List<StreamItem> items = Histories.some(45);
    try (RepositoryWriter agent = Histories.writer(store)) {
      Histories.feed(agent, items, 5);
      assertThatThrownBy(() -> synthesize(store)).isInstanceOf(RepositoryHeldException.class);
      assertThat(agent.synthesizeBase(folder)).isTrue();
    }
    assertThat(Repository.open(store).describe().lineages().get(0).bases()).hasSize(2);
  }

  @Test
  void aBaseWithOtherRowsIsNotProved() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    Histories.write(store, Histories.some(46), 5);
    EntryLog log = new EntryLog(store, ContentCipher.NONE, Histories.LINEAGE.toString());
    long last = log.lastSeq().orElseThrow();
    BaseSynthesis synthesis = new BaseSynthesis(log, log.header(last).standing(), last, folder);
    assertThatThrownBy(() -> synthesis.prove(log.read(2)))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("the base that was made has the digest");
  }

  private boolean synthesize(ObjectStore store) throws Exception {
    return Repository.open(store)
        .synthesizeBase(Histories.LINEAGE, MAKER, Histories.SMALL_PARTS, folder);
  }

  private static List<StreamItem> readAt(ObjectStore store, long revision) throws Exception {
    return Histories.read(
        Histories.source(store).at(revision).openAtBase(Reason.INITIAL), StreamOrder.atBase());
  }

  private static RowScan scan(List<StreamItem> items) {
    return visitor -> {
      for (StreamItem item : items) {
        if (item instanceof RevisionRecord row && !visitor.row(row)) {
          return;
        }
      }
    };
  }

  private static Map<LeaseId, LeaseState> leases(List<StreamItem> items) {
    return items.stream()
        .filter(LeaseState.class::isInstance)
        .map(LeaseState.class::cast)
        .collect(Collectors.toMap(LeaseState::id, lease -> lease));
  }

  private static <T extends StreamItem> List<T> rest(List<StreamItem> items, Class<T> type) {
    return new ArrayList<>(items.stream().filter(type::isInstance).map(type::cast).toList());
  }
}
