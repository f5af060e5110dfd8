package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.objects.FileObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.revisions.StreamItem;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two agents, one repository. */
final class TakeoverTest {
  private static final Holder FIRST = new Holder("agent-1", "host-1", 11);
  private static final Holder SECOND = new Holder("agent-2", "host-2", 22);
  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
  private static final List<StreamItem> ITEMS = Histories.some(31);

  @TempDir Path directory;
  private ObjectStore store;

  @BeforeEach
  void openStore() {
    store = new FileObjectStore(directory);
  }

  @Test
  void aSecondAgentIsToldWhoHoldsTheRepository() throws Exception {
    try (RepositoryWriter first = open(FIRST, Takeover.WHEN_SILENT, NOON)) {
      assertThatThrownBy(() -> open(SECOND, Takeover.WHEN_SILENT, NOON.plusSeconds(14)))
          .isInstanceOfSatisfying(
              RepositoryHeldException.class, e -> assertThat(e.holder()).isEqualTo(FIRST))
          .hasMessageContaining("agent agent-1 on host-1 (process 11), last heard of 14 s ago");
      Histories.feed(first, ITEMS, 10);
    }
    assertThat(Histories.read(store)).isEqualTo(ITEMS);
  }

  @Test
  void aSilentHolderIsTakenOverAndFencedWhenItWakesUp() throws Exception {
    RepositoryWriter first = open(FIRST, Takeover.WHEN_SILENT, NOON);
    int half = ITEMS.size() / 2;
    feed(first, ITEMS.subList(0, half));

    try (RepositoryWriter second = open(SECOND, Takeover.WHEN_SILENT, NOON.plusSeconds(16))) {
      feed(first, ITEMS.subList(half, ITEMS.size()), FencedException.class);
      assertThatThrownBy(first::commit).hasMessageContaining("has failed before");
      Histories.feed(second, Histories.behind(second.resumeFrom(), ITEMS), 10);
      first.close();
      assertThat(describe().writer().orElseThrow().holder()).isEqualTo(SECOND);
    }
    assertThat(Histories.read(store)).isEqualTo(ITEMS);
    assertThat(Repository.open(store).verify(Progress.NONE).isIntact()).isTrue();
  }

  private void feed(RepositoryWriter writer, List<StreamItem> items) throws Exception {
    for (StreamItem item : items) {
      writer.accept(item);
    }
    writer.commit();
  }

  private void feed(
      RepositoryWriter writer, List<StreamItem> items, Class<? extends Exception> failure) {
    assertThatThrownBy(() -> feed(writer, items))
        .isInstanceOf(failure)
        .hasMessageContaining("was taken over by agent agent-2 on host-2 (process 22)");
  }

  @Test
  void aHolderThatIsAliveCanBeForcedOut() throws Exception {
    RepositoryWriter first = open(FIRST, Takeover.WHEN_SILENT, NOON);
    RepositoryWriter second = open(SECOND, Takeover.FORCED, NOON);
    Histories.feed(second, ITEMS, 10);
    feed(first, ITEMS, FencedException.class);
    first.close();
    second.close();
    assertThat(Histories.read(store)).isEqualTo(ITEMS);
  }

  @Test
  void anAgentThatStoppedInOrderIsFollowedAtOnce() throws Exception {
    open(FIRST, Takeover.WHEN_SILENT, NOON).close();
    try (RepositoryWriter second = open(SECOND, Takeover.WHEN_SILENT, NOON)) {
      assertThat(second.resumeFrom().seq()).isEqualTo(2);
    }
  }

  @Test
  void anAgentThatWasRestartedDoesNotWaitForItself() throws Exception {
    RepositoryWriter died = open(FIRST, Takeover.WHEN_SILENT, NOON);
    Holder restarted = new Holder(FIRST.agentId(), FIRST.host(), 99);
    open(restarted, Takeover.WHEN_SILENT, NOON.plusSeconds(1)).close();
    died.close();
  }

  @Test
  void ofManyAgentsThatRaceForAFreeRepositoryTheLogKeepsOneHistory() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(4);
    List<Callable<Boolean>> agents = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Holder holder = new Holder("racer-" + i, "host", i);
      agents.add(() -> backsUp(holder));
    }
    int winners = 0;
    try {
      for (Future<Boolean> backedUp : executor.invokeAll(agents)) {
        winners += backedUp.get() ? 1 : 0;
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(winners).isEqualTo(1);
    assertThat(Histories.read(store)).isEqualTo(ITEMS);
    assertThat(Repository.open(store).verify(Progress.NONE).problems()).isEmpty();
  }

  private boolean backsUp(Holder holder) throws Exception {
    RepositoryWriter writer;
    try {
      writer = open(holder, Takeover.WHEN_SILENT, NOON);
    } catch (RepositoryHeldException e) {
      return false;
    }
    try {
      Histories.feed(writer, ITEMS, 1);
      return true;
    } catch (FencedException e) {
      return false;
    }
  }

  private RepositoryWriter open(Holder holder, Takeover takeover, Instant now) throws Exception {
    WriterSettings settings =
        new WriterSettings(1, 3_000, 1, 1, Duration.ofHours(1), Clock.fixed(now, ZoneOffset.UTC));
    return Repository.openOrCreate(store).openWriter(Histories.CLUSTER, holder, takeover, settings);
  }

  private Description.LineageDescription describe() throws Exception {
    return Repository.open(store).describe().lineages().get(0);
  }
}
