package io.lodestone.mvcc.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.RandomRequests;
import io.lodestone.mvcc.Requests;
import io.lodestone.mvcc.TestEngine;
import io.lodestone.mvcc.log.Change;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine that follows another one. */
final class FollowingTest {
  @TempDir Path folder;
  private TestEngine source;
  private TestEngine copy;
  private RevisionStream stream;

  @BeforeEach
  void bootstrap() throws Exception {
    source = new TestEngine(folder.resolve("source"));
    change(new Random(1), 30);
    stream =
        new EngineSource(source.engine(), Origin.UNKNOWN, Clock.systemUTC())
            .openAtBase(Reason.INITIAL);
    Path directory = folder.resolve("copy");
    try (EngineSink sink = new EngineSink(directory, CopyRules.EXACT)) {
      for (StreamItem item : readUpTo(source.revision())) {
        sink.accept(item);
      }
      sink.commit();
    }
    copy = new TestEngine(directory);
  }

  @AfterEach
  void close() throws Exception {
    stream.close();
    copy.close();
    source.close();
  }

  private void change(Random random, int rounds) throws Exception {
    RandomRequests requests = RandomRequests.forEngine(random);
    for (int i = 0; i < rounds; i++) {
      source.apply(Requests.grant(requests.lease(), 60));
      source.apply(Requests.request(requests.put()));
      source.apply(Requests.request(requests.txn(source.revision())));
      source.apply(Requests.request(requests.delete()));
    }
  }

  private List<StreamItem> readUpTo(long revision) throws Exception {
    List<StreamItem> items = new ArrayList<>();
    boolean there = false;
    while (!there) {
      StreamItem item = stream.next();
      items.add(item);
      there = item instanceof Complete mark && mark.revision() == revision;
    }
    return items;
  }

  private void follow() throws Exception {
    copy.engine().follow(readUpTo(source.revision()), Durability.BY_LOG);
  }

  private static List<RevisionRecord> rows(EngineView view) throws Exception {
    List<RevisionRecord> rows = new ArrayList<>();
    view.rows().scan(rows::add);
    return rows;
  }

  private void assertEqual() throws Exception {
    try (EngineView theirs = source.engine().view();
        EngineView ours = copy.engine().view()) {
      assertThat(ours.revision()).isEqualTo(theirs.revision());
      assertThat(rows(ours)).isEqualTo(rows(theirs));
      assertThat(ours.hashKv(0)).isEqualTo(theirs.hashKv(0));
    }
    assertThat(copy.engine().leases().list())
        .containsExactlyInAnyOrderElementsOf(source.engine().leases().list());
    for (var lease : source.engine().leases().list()) {
      assertThat(copy.engine().leases().status(lease, true).orElseThrow().keys())
          .isEqualTo(source.engine().leases().status(lease, true).orElseThrow().keys());
    }
  }

  @Test
  void rowsAndLeasesAreAsTheyWereAcrossRestarts() throws Exception {
    for (int round = 0; round < 5; round++) {
      change(new Random(10 + round), 20);
      follow();
      assertEqual();
      copy.restart();
      assertEqual();
    }
  }

  @Test
  void aCompactionIsCarriedOut() throws Exception {
    change(new Random(2), 20);
    long compacted = source.revision() - 3;
    follow();
    source.apply(Requests.compact(compacted));
    change(new Random(3), 1);
    List<StreamItem> items = readUpTo(source.revision());
    items.add(stream.next());
    copy.engine().follow(items, Durability.BY_LOG);
    source.engine().whenCompacted(compacted).get();
    copy.engine().whenCompacted(compacted).get();
    assertEqual();
  }

  @Test
  void listenersHearOfEveryChangeWithWhatItReplaced() throws Exception {
    List<Change> told = new ArrayList<>();
    List<Change> followed = new ArrayList<>();
    source.engine().listen((head, changes) -> told.addAll(changes));
    copy.engine().listen((head, changes) -> followed.addAll(changes));
    change(new Random(4), 20);
    follow();
    assertThat(followed).isEqualTo(told);
  }

  @Test
  void aRevisionThatDoesNotFollowIsRefused() throws Exception {
    change(new Random(5), 3);
    List<StreamItem> items = readUpTo(source.revision());
    int second = items.indexOf(items.stream().filter(Complete.class::isInstance).findFirst().get());
    assertThatThrownBy(
            () -> copy.engine().follow(items.subList(second + 1, items.size()), Durability.BY_LOG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not follow");
  }
}
