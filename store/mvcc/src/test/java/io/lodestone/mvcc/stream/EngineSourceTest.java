package io.lodestone.mvcc.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.mvcc.RandomRequests;
import io.lodestone.mvcc.Requests;
import io.lodestone.mvcc.TestEngine;
import io.lodestone.revisions.CheckedStream;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamOrder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running engine told as a stream while it is written to. */
final class EngineSourceTest {
  @TempDir Path folder;
  private TestEngine engine;
  private EngineSource source;

  @BeforeEach
  void open() throws Exception {
    engine = new TestEngine(folder.resolve("engine"));
    source = new EngineSource(engine.engine(), Origin.UNKNOWN, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private void change(Random random, int count) throws Exception {
    RandomRequests requests = RandomRequests.forEngine(random);
    for (int i = 0; i < count; i++) {
      engine.apply(Requests.grant(requests.lease(), 60));
      engine.apply(Requests.request(requests.put()));
      engine.apply(Requests.request(requests.txn(engine.revision())));
      engine.apply(Requests.request(requests.delete()));
    }
  }

  private List<StreamItem> readUpTo(RevisionStream stream, long revision) throws Exception {
    List<StreamItem> items = new ArrayList<>();
    boolean there = false;
    while (!there) {
      StreamItem item = stream.next();
      items.add(item);
      there = item instanceof Complete mark && mark.revision() == revision;
    }
    return items;
  }

  @Test
  void whatIsFollowedAndWrittenElsewhereIsTheSame() throws Exception {
    change(new Random(1), 50);
    Path copy = folder.resolve("copy");
    try (RevisionStream stream =
            new CheckedStream(source.openAtBase(Reason.REQUESTED), StreamOrder.atBase());
        EngineSink sink = new EngineSink(copy, CopyRules.EXACT)) {
      for (int round = 0; round < 5; round++) {
        for (StreamItem item : readUpTo(stream, engine.revision())) {
          sink.accept(item);
        }
        change(new Random(round), 20);
        if (round == 3) {
          engine.apply(Requests.compact(engine.revision() - 200));
        }
      }
      for (StreamItem item : readUpTo(stream, engine.revision())) {
        sink.accept(item);
      }
      assertThat(sink.commit()).isEqualTo(engine.revision());
    }
    try (TestEngine other = new TestEngine(copy)) {
      assertThat(other.hashKv(0).hash()).isEqualTo(engine.hashKv(0).hash());
      assertThat(other.range(Requests.everything())).isEqualTo(engine.range(Requests.everything()));
      assertThat(other.engine().leases().list())
          .containsExactlyInAnyOrderElementsOf(engine.engine().leases().list());
    }
  }

  @Test
  void aReaderThatFellBehindACompactionGetsANewBase() throws Exception {
    change(new Random(2), 20);
    try (RevisionStream stream =
        new CheckedStream(source.openAtBase(Reason.REQUESTED), StreamOrder.atBase())) {
      readUpTo(stream, engine.revision());
      change(new Random(3), 20);
      engine.apply(Requests.compact(engine.revision() - 1));
      List<StreamItem> items = readUpTo(stream, engine.revision());
      assertThat(items.get(0))
          .isInstanceOfSatisfying(
              BaseStart.class, start -> assertThat(start.reason()).isEqualTo(Reason.COMPACTED));
    }
  }

  @Test
  void behindARevisionOnlyItsTailIsTold() throws Exception {
    change(new Random(4), 20);
    long middle = engine.revision() - 10;
    try (RevisionStream stream =
        new CheckedStream(source.openAfter(middle), StreamOrder.after(middle))) {
      List<StreamItem> items = readUpTo(stream, engine.revision());
      assertThat(items)
          .filteredOn(RevisionRecord.class::isInstance)
          .first()
          .isInstanceOfSatisfying(
              RevisionRecord.class, row -> assertThat(row.main()).isEqualTo(middle + 1));
      assertThat(stream.poll(Duration.ZERO)).isEqualTo(Optional.empty());
    }
  }

  @Test
  void aClosedStreamEndsAndLetsGoOfTheEngine() throws Exception {
    change(new Random(5), 5);
    RevisionStream stream = source.openAtBase(Reason.REQUESTED);
    stream.next();
    stream.close();
    assertThat(stream.next()).isEqualTo(new End());
  }
}
